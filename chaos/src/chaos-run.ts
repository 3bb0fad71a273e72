import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  PidFile,
  provision,
  provisionServices,
  servicePorts,
  topology,
  type EngineConnections,
  type RunningEngines,
  type Supervisor,
} from '@reprise/infra';
import type { LogConnection } from '@reprise/log';
import { check } from './check.js';
import { Faults } from './faults.js';
import { HistoryClients } from './history/clients.js';
import { Load } from './load.js';
import type { Network } from './network.js';
import { yieldToOthers } from './priority.js';
import { questions } from './questions.js';
import { Random } from './random.js';
import { Readers } from './readers.js';
import { Rebuilds } from './rebuilds.js';
import type { Report } from './report.js';
import { openViews } from './views.js';
import { Witness } from './witness.js';

export interface ChaosRunOptions {
  readonly minutes: number;
  readonly seed: number;
  /** First port of the services. */
  readonly portBase: number;
  readonly connections: EngineConnections;
  /** Through which the services reach the engines. */
  readonly network: Network;
  /** To break them too; undefined when they are not ours. */
  readonly engines?: Pick<RunningEngines, 'kill' | 'restart'>;
  /** Of the repository. */
  readonly root: string;
  readonly stateDir: string;
  readonly report: Report;
  readonly say: (text: string) => void;
}

const viewNames = ['departure-board', 'flight-search', 'flight-timeline', 'route-punctuality'] as const;
const progressMs = 10_000;

/**
 * One run, on engines that answer: `starting` → `breaking` (load, faults, rebuilds, readers side by side) → `resting` (all
 * is whole again, the load has its answers) → `checking` → `stopped`.
 */
export class ChaosRun {
  private services: Supervisor | undefined;
  private load: Load | undefined;
  private history: HistoryClients | undefined;
  private underWay: readonly { stop(): Promise<void> }[] = [];
  private readonly interruption = new AbortController();

  constructor(private readonly options: ChaosRunOptions) {}

  async run(): Promise<void> {
    const { say, minutes, report } = this.options;
    say('Starting the services …');
    const services = await this.start();
    say(`Breaking things for ${minutes} minutes …`);
    const load = await this.breakThings(services);
    if (this.isInterrupted()) return;
    say('Checking log and stores …');
    const { views, connection } = await this.checked();
    try {
      const commandsUrl = this.url(servicePorts.flightCommands);
      const { acknowledged } = load;
      const operations = this.history?.operations ?? [];
      await check({ connection, views, acknowledged, operations, commandsUrl, report });
    } finally {
      await Promise.all(views.map(({ store }) => store.stop()));
    }
  }

  /** Ends a run wherever it is; the services are stopped when it resolves. */
  async stop(): Promise<void> {
    this.interruption.abort();
    this.load?.abandon();
    await Promise.allSettled(this.underWay.map((part) => part.stop()));
    await this.services?.stop();
  }

  /** What the check looks at. Whoever asks stops the stores. */
  async checked() {
    const { stateDir, connections } = this.options;
    const names = topology.flatMap(({ database }) => database ?? []);
    const databases = await provision(connections, names, stateDir);
    const connection: LogConnection = {
      brokers: connections.kafkaBrokers,
      registryUrl: connections.registryUrl,
      clientId: 'reprise-chaos',
    };
    return { connection, views: openViews(connections, databases) };
  }

  private async start(): Promise<Supervisor> {
    const { root, stateDir, portBase, report, network } = this.options;
    const connections = network.through(this.options.connections);
    const services = await provisionServices(
      { connections },
      {
        root,
        stateDir,
        portBase,
        extraBuilders: Object.fromEntries(viewNames.map((name) => [name, 1])),
        onProcess: (name, identity) => {
          new PidFile(join(stateDir, 'pids', `${name}.json`)).write(identity);
          yieldToOthers(identity.pid);
        },
        onRestart: (name) => {
          report.count('restarts');
          report.note(`${name} ended and is started again`);
        },
      },
    );
    this.services = services;
    if (!this.isInterrupted()) await services.start();
    return services;
  }

  private async breakThings(services: Supervisor): Promise<Load> {
    const { seed, report, engines, network, stateDir } = this.options;
    const random = new Random(seed);
    const [url, control] = [this.url(servicePorts.flightCommands), this.url(servicePorts.controlPlane)];
    const load = new Load({ url, random: random.fork(), report, clients: 3 });
    const names = [...topology.map(({ name }) => name), ...viewNames.map((name) => `${name}-builder-2`)];
    const faults = new Faults({ services, names, engines, network, random: random.fork(), report });
    const rebuilds = new Rebuilds({ url: control, views: viewNames, random: random.fork(), report });
    const witness = new Witness(url, report);
    const readers = new Readers(
      questions((offset) => this.url(offset), witness),
      report,
    );
    const history = new HistoryClients({
      urls: {
        commands: url,
        board: this.url(servicePorts.departureBoard),
        search: this.url(servicePorts.flightSearch),
        timeline: this.url(servicePorts.flightTimeline),
      },
      random: random.fork(),
      report,
      file: join(stateDir, 'history.ndjson'),
      sessions: 4,
    });
    this.load = load;
    this.history = history;
    this.underWay = [faults, load, witness, rebuilds, readers, history];
    await this.watch();
    await faults.stop();
    await Promise.all([load.stop(), witness.stop(), rebuilds.stop(), readers.stop(), history.stop()]);
    return load;
  }

  private async watch(): Promise<void> {
    const { say, report, minutes } = this.options;
    const { signal } = this.interruption;
    const leftMs = (): number => Math.max(0, endAt - performance.now());
    const endAt = performance.now() + minutes * 60_000;
    while (leftMs() > 0 && !this.isInterrupted()) {
      await pause(Math.min(progressMs, leftMs()), undefined, { signal }).catch(() => undefined);
      const leftSeconds = Math.round(leftMs() / 1_000);
      say(`${leftSeconds} s left; ${report.summary()}; findings ${report.findings.length}`);
    }
  }

  private url(offset: number): string {
    return `http://127.0.0.1:${this.options.portBase + offset}`;
  }

  private isInterrupted(): boolean {
    return this.interruption.signal.aborted;
  }
}
