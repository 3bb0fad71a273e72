import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { reasonOf, StartFailure } from '../failure.js';
import { enginePorts } from '../ports.js';
import { Secrets } from '../secrets.js';
import type { EngineConnections } from './engine.js';
import type { RunningEngines } from './local-engines.js';

const run = promisify(execFile);
const engineServices = ['kafka', 'registry', 'postgres', 'redis', 'elasticsearch'];

/** True when a Docker engine answers. */
export async function dockerAnswers(): Promise<boolean> {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}

/** The engines as containers, by the Compose file at the root. */
export class DockerEngines implements RunningEngines {
  readonly connections: EngineConnections;
  private readonly password: string;

  constructor(private readonly options: { readonly root: string; readonly stateDir: string; readonly portBase: number }) {
    this.password = new Secrets(options.stateDir).password('postgres');
    this.connections = connectionsAt(options.portBase, this.password);
  }

  /** @throws StartFailure with what Compose said. */
  async start(): Promise<void> {
    if (!(await dockerAnswers())) {
      throw new StartFailure('No Docker engine answers: start it, or use --engines=local.');
    }
    await this.compose(['up', '-d', '--wait', ...engineServices]);
  }

  async stop(): Promise<void> {
    await this.compose(['stop', ...engineServices]);
  }

  private async compose(args: readonly string[]): Promise<void> {
    const { root, portBase } = this.options;
    const env = { ...process.env, POSTGRES_PASSWORD: this.password, ...publishedPorts(portBase) };
    try {
      await run('docker', ['compose', '--project-directory', root, ...args], { cwd: root, env, maxBuffer: 1 << 24 });
    } catch (failure) {
      throw new StartFailure(`docker compose ${args[0] ?? ''} failed: ${reasonOf(failure)}`);
    }
  }
}

function publishedPorts(portBase: number): Record<string, string> {
  return {
    REPRISE_KAFKA_PORT: String(portBase + enginePorts.kafka),
    REPRISE_REGISTRY_PORT: String(portBase + enginePorts.registry),
    REPRISE_POSTGRES_PORT: String(portBase + enginePorts.postgres),
    REPRISE_REDIS_PORT: String(portBase + enginePorts.redis),
    REPRISE_ELASTICSEARCH_PORT: String(portBase + enginePorts.elasticsearch),
  };
}

function connectionsAt(portBase: number, password: string): EngineConnections {
  return {
    kafkaBrokers: [`127.0.0.1:${portBase + enginePorts.kafka}`],
    registryUrl: `http://127.0.0.1:${portBase + enginePorts.registry}/apis/ccompat/v7`,
    postgresUrl: `postgres://postgres:${password}@127.0.0.1:${portBase + enginePorts.postgres}/postgres`,
    redisUrl: `redis://127.0.0.1:${portBase + enginePorts.redis}`,
    elasticsearchUrl: `http://127.0.0.1:${portBase + enginePorts.elasticsearch}`,
  };
}
