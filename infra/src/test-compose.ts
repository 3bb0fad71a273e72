import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Docker } from './containers/docker.js';
import { OwnEngine } from './containers/own-engine.js';
import { parseProofOptions, type ProofOptions } from './containers/proof-options.js';
import { nodeImage, StandIns } from './containers/stand-ins.js';
import { reasonOf } from './failure.js';
import { say } from './screen.js';

const root = join(import.meta.dirname, '../..');
const suites = { all: 'infra/test/platform.compose.spec.ts', scale: 'infra/test/scale.compose.spec.ts' };
/** Nothing ran: not passed, not failed. */
const noEngine = 2;
const configuration = z.object({ services: z.record(z.string(), z.object({ image: z.string() })) });

let running: ChildProcess | undefined;
let interrupted = false;

/** `npm run test:compose`: the Compose file on a real Docker engine, from the image's build to data that outlives containers. */
async function main(): Promise<number> {
  const options = parseProofOptions(process.argv.slice(2), root);
  const own = options.ownEngine ? new OwnEngine(options.engineDir) : undefined;
  const docker = own?.docker ?? new Docker();
  try {
    await own?.start();
    const { engine, compose } = await docker.versions();
    say(`Docker engine ${engine}, Compose ${compose}${own ? ', started for this run' : ''}`);
  } catch (failure) {
    say(`NOT RUN: there is no Docker engine with Compose v2. ${reasonOf(failure)}`);
    await own?.stop();
    return noEngine;
  }
  try {
    return await prove(docker, options);
  } finally {
    await own?.stop();
  }
}

async function prove(docker: Docker, options: ProofOptions): Promise<number> {
  const environment = {
    ...docker.environment,
    COMPOSE_PROJECT_NAME: `reprise-proof-${options.ports}`,
    COMPOSE_PROGRESS: 'plain',
    REPRISE_PORTS: options.ports,
    REPRISE_PROOF_DAYS: String(options.days),
    POSTGRES_PASSWORD: randomBytes(18).toString('hex'),
    ...ofProfile(options),
  };
  const compose = (...args: string[]): Promise<string> =>
    docker.run(['compose', '--project-directory', root, ...args], environment);
  if (options.standIns)
    await makeStandIns(docker, options, await compose('--profile=*', 'config', '--format=json'));
  await buildImage(docker, options, environment);
  await compose('--profile=*', 'down', '--volumes', '--remove-orphans');
  try {
    if (isInterrupted()) return 130;
    const jest = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')];
    return await node(
      [...jest, '--runInBand', '--runTestsByPath', join(root, suites[options.profile ?? 'all'])],
      environment,
    );
  } finally {
    await compose('--profile=*', 'down', '--volumes', '--remove-orphans');
  }
}

/** As `--profile` and `--env-file` would have it, for every call of Compose. */
function ofProfile({ profile }: ProofOptions): Record<string, string> {
  if (profile === undefined) return {};
  return { COMPOSE_PROFILES: profile, COMPOSE_ENV_FILES: join(root, `infra/compose/${profile}.env`) };
}

async function makeStandIns(docker: Docker, { engineDir }: ProofOptions, config: string): Promise<void> {
  const { services } = configuration.parse(JSON.parse(config));
  const dockerfile = readFileSync(join(root, 'infra/images/Dockerfile'), 'utf8');
  const images = [nodeImage(dockerfile), ...Object.values(services).map(({ image }) => image)];
  const folder = join(engineDir, 'stand-ins');
  const made = await new StandIns({ root, docker, folder, log: say }).make(images);
  say(`Stand-ins of these names are used, not the official images: ${made.join(', ')}`);
  rmSync(folder, { recursive: true, force: true });
}

async function buildImage(
  docker: Docker,
  { reuseImage }: ProofOptions,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const image = `reprise/services:${process.env['REPRISE_VERSION'] ?? '0.1.0'}`;
  const began = performance.now();
  if (!reuseImage || !(await docker.hasImage(image))) {
    const code = await node([join(root, 'infra/bin/images.mjs')], environment);
    if (code !== 0) throw new Error(`The image could not be built: exit code ${code}.`);
  }
  const megabytes = Math.round((await docker.sizeOf(image)) / 1e6);
  say(`${image}: ${megabytes} MB, ${((performance.now() - began) / 1_000).toFixed(0)} s to build`);
}

/** Runs a program of the repository's with the pinned Node; its exit code. */
function node(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '0', ...environment },
  });
  running = child;
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      running = undefined;
      resolve(code ?? 1);
    });
  });
}

/** A call, as the compiler does not see that a signal changes it in between. */
const isInterrupted = (): boolean => interrupted;

/** Ends what is going on; `main` then removes the containers and comes to its end. */
function onSignal(): void {
  interrupted = true;
  running?.kill('SIGTERM');
}

process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
main().then(
  (code) => {
    process.exitCode = isInterrupted() ? 130 : code;
  },
  (failure: unknown) => {
    process.stderr.write(`${reasonOf(failure)}\n`);
    process.exitCode = 1;
  },
);
