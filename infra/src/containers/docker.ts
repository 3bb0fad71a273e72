import { execFile, type ExecFileException } from 'node:child_process';
import { promisify } from 'node:util';
import { StartFailure } from '../failure.js';

const run = promisify(execFile);
/** An engine that is there says so at once, also on a busy machine. */
const answerLimitMs = 15_000;

export interface DockerVersions {
  readonly engine: string;
  readonly compose: string;
}

/** The Docker command line, talking to one engine. */
export class Docker {
  /** @param host Where the engine is, as DOCKER_HOST has it. Left out: where Docker itself looks. */
  constructor(private readonly host?: string) {}

  /** For programs that talk to the same engine. */
  get environment(): Readonly<Record<string, string>> {
    return this.host === undefined ? {} : { DOCKER_HOST: this.host };
  }

  /** What it prints. @throws StartFailure with the end of what it complains of. */
  async run(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    limitMs = 0,
  ): Promise<string> {
    const env = { ...process.env, ...this.environment, ...environment };
    try {
      return (await run('docker', [...args], { env, maxBuffer: 1 << 26, timeout: limitMs })).stdout.trim();
    } catch (failure) {
      throw new StartFailure(`docker ${args.slice(0, 4).join(' ')} failed: ${complaint(failure)}`);
    }
  }

  /** @throws StartFailure when no engine answers, or Compose is not there. */
  async versions(): Promise<DockerVersions> {
    const asked = [
      this.run(['version', '--format', '{{.Server.Version}}'], {}, answerLimitMs),
      this.run(['compose', 'version', '--short'], {}, answerLimitMs),
    ] as const;
    // When one fails, the other is not left running.
    await Promise.allSettled(asked);
    const [engine, compose] = await Promise.all(asked);
    return { engine, compose };
  }

  async hasImage(name: string): Promise<boolean> {
    return (await this.run(['image', 'ls', '--quiet', name])) !== '';
  }

  /** In bytes, as unpacked. */
  async sizeOf(image: string): Promise<number> {
    return Number(await this.run(['image', 'inspect', '--format', '{{.Size}}', image]));
  }
}

function complaint(failure: unknown): string {
  const { code, stderr = '', message } = failure as ExecFileException;
  if (code === 'ENOENT') return 'there is no docker on the PATH.';
  return (stderr.trim() || message).slice(-1_500);
}
