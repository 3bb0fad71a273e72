import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StartedDockerComposeEnvironment } from 'testcontainers';

/** Where the engines are reached, on this machine. */
export interface EnginePorts {
  readonly kafka: number;
  readonly registry: number;
  readonly postgres: number;
  readonly redis: number;
  readonly elasticsearch: number;
}

export interface ContainerEngineOptions {
  /** Root of the checkout. */
  readonly root: string;
  /** Name of the Compose project: one run at a time has it. */
  readonly project: string;
  readonly ports: EnginePorts;
  readonly password: string;
}

const run = promisify(execFile);
const names = ['kafka', 'registry', 'postgres', 'redis', 'elasticsearch'] as const;
const files = ['docker-compose.yml', 'infra/compose/engine-ports.yml'];
const startLimitMs = 300_000;

/**
 * The engines of a test run as containers of its own, as the Compose file describes them, started by Testcontainers. What a
 * run that was killed left behind is removed by the next of the same project, so no container has to watch over the others.
 */
export class ContainerEngines {
  private started: StartedDockerComposeEnvironment | undefined;
  private starting: Promise<void> | undefined;

  constructor(private readonly options: ContainerEngineOptions) {}

  get connections() {
    const { ports, password } = this.options;
    return {
      kafkaBrokers: [`127.0.0.1:${ports.kafka}`],
      registryUrl: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
      postgresUrl: `postgres://postgres:${password}@127.0.0.1:${ports.postgres}/postgres`,
      redisUrl: `redis://127.0.0.1:${ports.redis}`,
      elasticsearchUrl: `http://127.0.0.1:${ports.elasticsearch}`,
    };
  }

  /** Resolves once all are healthy. @throws Error with what Compose said; what had been started is removed. */
  start(): Promise<void> {
    this.starting = this.up();
    return this.starting;
  }

  /** Removes the containers and their data; one that is starting is waited for. */
  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    await this.started?.down({ removeVolumes: true });
    this.started = undefined;
  }

  private async up(): Promise<void> {
    await this.removeLeftOvers();
    const { root, project } = this.options;
    // Every suite imports this package, and none of them needs it.
    const { DockerComposeEnvironment, Wait } = await import('testcontainers');
    const environment = new DockerComposeEnvironment(root, this.files)
      .withProjectName(project)
      .withAutoCleanup(false)
      .withEnvironment(this.environment)
      .withDefaultWaitStrategy(Wait.forHealthCheck())
      .withStartupTimeout(startLimitMs);
    this.started = await environment.up([...names]);
  }

  private async removeLeftOvers(): Promise<void> {
    const named = ['--project-name', this.options.project, ...this.files.map((file) => `--file=${file}`)];
    await run('docker', ['compose', ...named, 'down', '--volumes', '--remove-orphans'], {
      env: { ...process.env, ...this.environment },
    });
  }

  private get files(): string[] {
    return files.map((file) => join(this.options.root, file));
  }

  private get environment(): Record<string, string> {
    const { ports, password } = this.options;
    return {
      POSTGRES_PASSWORD: password,
      REPRISE_KAFKA_PORT: String(ports.kafka),
      REPRISE_REGISTRY_PORT: String(ports.registry),
      REPRISE_POSTGRES_PORT: String(ports.postgres),
      REPRISE_REDIS_PORT: String(ports.redis),
      REPRISE_ELASTICSEARCH_PORT: String(ports.elasticsearch),
    };
  }
}
