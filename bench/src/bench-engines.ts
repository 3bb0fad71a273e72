import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { catalogue } from '@reprise/contracts';
import { LocalEngines, type EngineConnections } from '@reprise/infra';
import type { LogConnection } from '@reprise/log';
import type { Store } from './views/stores.js';
import { Kafka, logLevel, type Admin } from './clients.js';

/** Engines of the bench's own. What was generated is kept; all else begins empty, so that each run measures the same. */
export class BenchEngines {
  readonly connections: EngineConnections;
  readonly log: LogConnection;
  readonly admin: Admin;
  private readonly engines: LocalEngines;

  constructor(
    private readonly options: {
      readonly stateDir: string;
      readonly portBase: number;
      /** The stores that are measured: no engine runs that nobody uses. */
      readonly stores: readonly Store[];
      readonly say: (line: string) => void;
    },
  ) {
    const { stateDir, portBase, say } = options;
    this.engines = new LocalEngines({
      stateDir,
      portBase,
      log: say,
      onStep: (name, seconds) => {
        say(`  ${name} answers (${seconds.toFixed(1)} s)`);
      },
    });
    this.connections = this.engines.connections;
    const { kafkaBrokers, registryUrl } = this.connections;
    this.log = { brokers: kafkaBrokers, registryUrl, clientId: 'reprise-bench' };
    this.admin = new Kafka({
      clientId: 'reprise-bench',
      brokers: [...kafkaBrokers],
      logLevel: logLevel.NOTHING,
    }).admin();
  }

  async start(): Promise<void> {
    this.options.say('Starting engines …');
    await this.engines.stopLeftOvers();
    for (const name of ['postgres', 'redis', 'elasticsearch'])
      rmSync(join(this.options.stateDir, 'data', name), { recursive: true, force: true });
    try {
      await this.launch();
    } catch (failure) {
      await this.engines.stop();
      throw failure;
    }
    await this.admin.connect();
    await this.forgetPlatform();
  }

  /** The control plane keeps its state in Postgres; the registry its schemas in Kafka. */
  private async launch(): Promise<void> {
    const stores = new Set<Store>(['postgres', ...this.options.stores]);
    const log = this.engines.restart('kafka').then(() => this.engines.restart('registry'));
    await Promise.all([log, ...[...stores].map((store) => this.engines.restart(store))]);
  }

  async stop(): Promise<void> {
    await this.admin.disconnect();
    await this.engines.stop();
  }

  /** The platform's own topics: their views are gone from the stores. */
  private async forgetPlatform(): Promise<void> {
    const own = new Set(Object.values(catalogue).map(({ topic }) => topic));
    const there = async (): Promise<string[]> =>
      (await this.admin.listTopics()).filter((topic) => own.has(topic));
    const topics = await there();
    if (topics.length > 0) await this.admin.deleteTopics({ topics });
    while ((await there()).length > 0) await pause(100);
  }
}
