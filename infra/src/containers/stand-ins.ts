import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Distributions } from '../distributions.js';
import { postgresBinaries } from '../engines/local-engines.js';
import { StartFailure } from '../failure.js';
import { findJdk } from '../jdk.js';
import type { Docker } from './docker.js';

const run = promisify(execFile);
const base = 'reprise-stand-in/debian';

/** Which stand-in takes the place of an image, by the last word of the image's name. */
const places: Readonly<Record<string, string>> = {
  kafka: 'kafka',
  'apicurio-registry': 'registry',
  postgres: 'postgres',
  redis: 'redis',
  elasticsearch: 'elasticsearch',
  haproxy: 'haproxy',
  prometheus: 'prometheus',
  node: 'node',
};

export interface StandInOptions {
  readonly root: string;
  readonly docker: Docker;
  /** A folder to build in. */
  readonly folder: string;
  readonly log: (text: string) => void;
}

/** The stand-in for an image; undefined when there is none. `apache/kafka:4.3.0` → `kafka`. */
export function standInFor(image: string): string | undefined {
  const word = /([^/:@]+)(?:[:@][^/]*)?$/.exec(image)?.[1];
  return word === undefined ? undefined : places[word];
}

/** The image that those of the services are built on. */
export function nodeImage(dockerfile: string): string {
  const image = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1];
  if (image === undefined) throw new StartFailure('infra/images/Dockerfile names no NODE_IMAGE.');
  return image;
}

/**
 * Makes images of the official names where none can be pulled: the same entry points and variables as far as the Compose
 * file uses them, on a Debian made here, with the real engines inside. For a proof only: they are not the official images.
 */
export class StandIns {
  constructor(private readonly options: StandInOptions) {}

  /** Those that are there are kept. Returns the names of the images that are stand-ins. */
  async make(images: readonly string[]): Promise<string[]> {
    const made: string[] = [];
    for (const image of new Set(images)) {
      const standIn = standInFor(image);
      if (standIn === undefined) continue;
      const isNew = !(await this.options.docker.hasImage(image));
      if (isNew) await this.build(standIn, image);
      made.push(image);
    }
    return made;
  }

  /** What an image is built on is built first. */
  private async build(standIn: string, image: string): Promise<void> {
    const { docker, log } = this.options;
    const context = this.prepared(standIn);
    const from = /^FROM (\S+)$/m.exec(readFileSync(join(context, 'Dockerfile'), 'utf8'))?.[1] ?? base;
    if (!(await docker.hasImage(from))) {
      if (from === base) await this.makeBase();
      else await this.build(basename(from), from);
    }
    log(`building ${image} as a stand-in …`);
    await this.addFiles(standIn, join(context, 'files'));
    // The plain builder: nothing of these needs another, and it needs no plug-in.
    await docker.run(['build', '--tag', image, context], { DOCKER_BUILDKIT: '0' });
    rmSync(context, { recursive: true });
  }

  private prepared(standIn: string): string {
    const context = join(this.options.folder, standIn);
    rmSync(context, { recursive: true, force: true });
    mkdirSync(dirname(context), { recursive: true });
    cpSync(join(this.options.root, 'infra/images/stand-ins', standIn), context, { recursive: true });
    return context;
  }

  private async makeBase(): Promise<void> {
    const { docker, folder, log } = this.options;
    const tree = join(folder, 'debian');
    log('making a Debian base …');
    rmSync(tree, { recursive: true, force: true });
    try {
      await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', tree], {
        maxBuffer: 1 << 26,
      });
    } catch (failure) {
      throw new StartFailure(`debootstrap made no Debian base: ${String(failure).slice(0, 500)}`);
    }
    const archive = `${tree}.tar`;
    await run('tar', ['--create', '--numeric-owner', `--file=${archive}`, `--directory=${tree}`, '.']);
    await docker.run(['import', archive, base]);
    rmSync(archive);
    rmSync(tree, { recursive: true });
  }

  /** The engines’ files, as `npm start` fetches them, and this machine’s Node and JDK. */
  private async addFiles(standIn: string, files: string): Promise<void> {
    const { root } = this.options;
    const jdkHome = findJdk();
    const distributions = new Distributions(join(root, '.cache/engines'), jdkHome, this.options.log);
    const copy = (from: string, name: string): void => {
      cpSync(from, join(files, name), { recursive: true, dereference: true, filter: isWanted });
    };
    switch (standIn) {
      case 'java':
        copy(jdkHome, 'jdk');
        break;
      case 'kafka':
        copy(await distributions.kafka(), 'libs');
        break;
      case 'registry':
        copy(await distributions.registry(), 'deployments');
        break;
      case 'elasticsearch':
        copy(await distributions.elasticsearch(), 'elasticsearch');
        break;
      case 'postgres':
        copy(dirname(postgresBinaries()), 'native');
        break;
      case 'node':
        copy(process.execPath, 'node');
        copy(await npmFolder(), 'npm');
        writeFileSync(join(files, 'certificates.pem'), certificates());
        break;
    }
  }
}

/** Parts of a JDK that no program needs to run. */
function isWanted(path: string): boolean {
  return !['jmods', 'src.zip', 'demo', 'man'].includes(basename(path));
}

async function npmFolder(): Promise<string> {
  return join((await run('npm', ['root', '--global'])).stdout.trim(), 'npm');
}

/** What this machine trusts. */
function certificates(): string {
  const files = [process.env['NODE_EXTRA_CA_CERTS'] ?? '', '/etc/ssl/certs/ca-certificates.crt'];
  const file = files.find((path) => existsSync(path));
  if (file === undefined)
    throw new StartFailure('This machine has no list of certificates: install ca-certificates.');
  return readFileSync(file, 'utf8');
}
