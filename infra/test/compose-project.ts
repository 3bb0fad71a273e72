import { execFile, type ExecFileException } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { firstDays } from './expected-flights.js';

const run = promisify(execFile);

const container = z.object({
  ID: z.string(),
  Name: z.string(),
  Service: z.string(),
  State: z.string(),
  Health: z.string(),
  ExitCode: z.number(),
  Publishers: z
    .array(z.object({ URL: z.string(), PublishedPort: z.number() }))
    .nullable()
    .transform((ports) => (ports ?? []).filter(({ PublishedPort }) => PublishedPort > 0)),
});
export type Container = z.infer<typeof container>;

/** The Compose file as one project on the engine that `npm run test:compose` found; its variables say which. */
export class ComposeProject {
  readonly portBase: number;

  /** @throws Error when the tests were not started by `npm run test:compose`. */
  constructor(private readonly root: string) {
    const ports = process.env['REPRISE_PORTS'];
    if (ports === undefined || process.env['COMPOSE_PROJECT_NAME'] === undefined)
      throw new Error('This suite needs a Docker engine: run it by npm run test:compose.');
    this.portBase = Number(ports) * 100;
  }

  /** What `docker` prints. */
  async docker(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const env = { ...process.env, ...environment };
    try {
      return (await run('docker', [...args], { cwd: this.root, env, maxBuffer: 1 << 26 })).stdout.trim();
    } catch (failure) {
      const { stdout = '', stderr = '', message } = failure as ExecFileException;
      const said = `${stdout}\n${stderr}`.trim() || message;
      throw new Error(`docker ${args.join(' ')} failed:\n${said.slice(-3_000)}`, { cause: failure });
    }
  }

  compose(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.docker(['compose', ...args], environment);
  }

  /** Waits until what is named, or all, is healthy, and one that is to end has ended well. Seconds that it took. */
  async up(
    services: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const began = performance.now();
    await this.compose(['up', '--detach', '--wait', '--no-build', ...services], environment);
    return (performance.now() - began) / 1_000;
  }

  /** Every container, also those that ended. */
  async containers(): Promise<readonly Container[]> {
    const lines = await this.compose(['--profile=*', 'ps', '--all', '--format=json']);
    return lines.split('\n').map((line) => container.parse(JSON.parse(line)));
  }

  async container(service: string): Promise<Container> {
    const found = (await this.containers()).find((one) => one.Service === service);
    if (!found) throw new Error(`no container of ${service}`);
    return found;
  }

  inside(service: string, ...command: readonly string[]): Promise<string> {
    return this.compose(['exec', '-T', service, ...command]);
  }

  /** Runs the replayer on the first days of a month, until every view shows them. What it prints. */
  replay({ month, days, scratch }: { month: number; days: number; scratch: string }): Promise<string> {
    const file = join(scratch, 'flights.csv.gz');
    writeFileSync(file, firstDays(month, days));
    // Another user reads it in there.
    chmodSync(scratch, 0o755);
    const mount = `--volume=${file}:/app/services/replayer/data/flights.csv.gz:ro`;
    return this.compose(['--profile=*', 'run', '--rm', '--no-deps', '-T', mount, 'replayer']);
  }

  /** As a crash: the process dies in its container, which is up to Docker then. */
  async crash(service: string): Promise<void> {
    // All but the first, which passes signals on and ends with the service, and this shell.
    const kill =
      'for path in /proc/[0-9]*; do pid=${path#/proc/}; [ $pid = 1 ] || [ $pid = $$ ] || kill -9 $pid; done 2> /dev/null; true';
    await this.inside(service, 'bash', '-c', kill).catch((failure: unknown) => {
      // The container may be gone before the command has returned.
      if (!/13[07]|not running|killed/.test(String(failure))) throw failure;
    });
  }

  /** How often Docker has started it again by itself. */
  async restartsOf(service: string): Promise<number> {
    const { ID } = await this.container(service);
    return Number(await this.docker(['inspect', '--format', '{{.RestartCount}}', ID]));
  }

  /** Builds an image whose code of one view is what lies in a folder; all else is the image that it is built on. */
  async buildWithView(
    image: string,
    { view, from, at }: { view: string; from: string; at: string },
  ): Promise<void> {
    const lines = [`FROM ${from}`, `COPY services/${view}/dist services/${view}/dist`];
    writeFileSync(join(at, 'Dockerfile'), `${lines.join('\n')}\n`);
    writeFileSync(join(at, '.dockerignore'), '**/node_modules\n');
    await this.docker(['build', '--quiet', '--tag', image, at]);
  }
}
