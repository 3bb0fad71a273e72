import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, StartFailure } from '../failure.js';
import { enginePorts } from '../ports.js';
import { Secrets } from '../secrets.js';
import type { EngineConnections } from './engine.js';
import type { Engines } from './local-engines.js';

const run = promisify(execFile);
/** A file of the state folder that tells that its data are in containers. */
export const containersMarker = 'containers';
export const engineServices = ['kafka', 'registry', 'postgres', 'redis', 'elasticsearch'] as const;

/** The engines' services, and their ports for processes outside of containers. */
const composeFiles = ['docker-compose.yml', 'infra/compose/engine-ports.yml'];

/** The engines as containers, by the Compose file at the root. */
export class DockerEngines implements Engines {
  readonly connections: EngineConnections;
  private readonly password: string;
  private readonly marker: string;

  constructor(
    private readonly options: { readonly root: string; readonly stateDir: string; readonly portBase: number },
  ) {
    this.marker = join(options.stateDir, containersMarker);
    this.password = new Secrets(options.stateDir).password('postgres');
    this.connections = connectionsAt(options.portBase, this.password);
  }

  /** @throws StartFailure with what Compose said. */
  async start(): Promise<void> {
    writeFileSync(this.marker, '');
    await this.compose(['up', '-d', '--wait', ...engineServices]);
  }

  /** Whether containers were ever made for this state folder. */
  get exist(): boolean {
    return existsSync(this.marker);
  }

  /** Removes the containers and their data. */
  async delete(): Promise<void> {
    await this.compose(['down', '--volumes']);
    rmSync(this.marker, { force: true });
  }

  async stop(): Promise<void> {
    // Nothing was ever started: Docker may be away, and that is not what is wrong then.
    if (!this.exist) return;
    await this.compose(['stop', ...engineServices]);
  }

  private async compose(args: readonly string[]): Promise<void> {
    const { root, portBase, stateDir } = this.options;
    const env = {
      ...process.env,
      COMPOSE_PROJECT_NAME: projectOf(stateDir),
      POSTGRES_PASSWORD: this.password,
      ...publishedPorts(portBase),
    };
    try {
      const files = composeFiles.map((file) => `--file=${join(root, file)}`);
      await run('docker', ['compose', '--project-directory', root, ...files, ...args], {
        cwd: root,
        env,
        maxBuffer: 1 << 24,
      });
    } catch (failure) {
      throw new StartFailure(`docker compose ${args[0] ?? ''} failed: ${reasonOf(failure)}`);
    }
  }
}

/** Containers and volumes belong to one state folder, whatever the ports. */
function projectOf(stateDir: string): string {
  return `reprise-${createHash('sha256').update(stateDir).digest('hex').slice(0, 8)}`;
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
