import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  LocalEngines,
  provision,
  provisionServices,
  servicePorts,
  topology,
  type Supervisor,
} from '@reprise/infra';
import type { LogConnection } from '@reprise/log';
import { check } from './check.js';
import { Faults } from './faults.js';
import { Load } from './load.js';
import type { ChaosOptions } from './options.js';
import { Random } from './random.js';
import { Readers, type Question } from './readers.js';
import { Rebuilds } from './rebuilds.js';
import type { Report } from './report.js';
import { openViews } from './views.js';

export interface ChaosRunOptions extends ChaosOptions {
  /** Of the repository. */
  readonly root: string;
  readonly stateDir: string;
  readonly report: Report;
  readonly say: (text: string) => void;
}

const viewNames = ['departure-board', 'flight-search', 'flight-timeline', 'route-punctuality'] as const;
const progressMs = 10_000;

/**
 * One run: `starting` → `breaking` (load, faults, rebuilds, readers side by side) → `resting` (all is whole again, the load
 * has its answers) → `checking` → `stopped`.
 */
export class ChaosRun {
  private readonly engines: LocalEngines;
  private services: Supervisor | undefined;
  private load: Load | undefined;
  private underWay: readonly { stop(): Promise<void> }[] = [];
  private interrupted = false;

  constructor(private readonly options: ChaosRunOptions) {
    const { stateDir, portBase, root, say } = options;
    this.engines = new LocalEngines({
      stateDir,
      portBase,
      cacheDir: join(root, '.cache/engines'),
      onStep: (name, seconds) => {
        options.report.note(`${name} answers (${seconds.toFixed(1)} s)`);
      },
      log: say,
    });
  }

  async run(): Promise<void> {
    const { say, minutes, report } = this.options;
    await this.start();
    say(`Breaking things for ${minutes} minutes …`);
    const load = await this.breakThings();
    if (this.interrupted) return;
    say('Checking log and stores …');
    const { views, connection } = await this.checked();
    try {
      const commandsUrl = this.url(servicePorts.flightCommands);
      await check({ connection, views, acknowledged: load.acknowledged, commandsUrl, report });
    } finally {
      await Promise.all(views.map(({ store }) => store.stop()));
    }
  }

  async stop(): Promise<void> {
    this.interrupted = true;
    this.load?.abandon();
    await Promise.allSettled(this.underWay.map((part) => part.stop()));
    await this.services?.stop();
    await this.engines.stop();
  }

  private async start(): Promise<void> {
    const { root, stateDir, portBase, report, say } = this.options;
    say('Starting engines and services …');
    await this.engines.start();
    const services = await provisionServices(this.engines, {
      root,
      stateDir,
      portBase,
      extraBuilders: Object.fromEntries(viewNames.map((name) => [name, 1])),
      onRestart: (name) => {
        report.count('restarts');
        report.note(`${name} ended and is started again`);
      },
    });
    this.services = services;
    await services.start();
  }

  private async breakThings(): Promise<Load> {
    const { seed, minutes, report } = this.options;
    const services = this.requireServices();
    const random = new Random(seed);
    const [url, control] = [this.url(servicePorts.flightCommands), this.url(servicePorts.controlPlane)];
    const load = new Load({ url, random: random.fork(), report, clients: 3 });
    const names = [...topology.map(({ name }) => name), ...viewNames.map((name) => `${name}-builder-2`)];
    const faults = new Faults({ services, names, engines: this.engines, random: random.fork(), report });
    const rebuilds = new Rebuilds({ url: control, views: viewNames, random: random.fork(), report });
    const readers = new Readers(this.questions(), report);
    this.load = load;
    this.underWay = [faults, load, rebuilds, readers];
    await this.watch(minutes * 60_000);
    await faults.stop();
    await Promise.all([load.stop(), rebuilds.stop(), readers.stop()]);
    return load;
  }

  private async watch(durationMs: number): Promise<void> {
    const { say, report } = this.options;
    const endAt = performance.now() + durationMs;
    while (performance.now() < endAt && !this.interrupted) {
      await pause(Math.min(progressMs, Math.max(0, endAt - performance.now())));
      const leftSeconds = Math.max(0, Math.round((endAt - performance.now()) / 1_000));
      say(`${leftSeconds} s left; ${report.summary()}; findings ${report.findings.length}`);
    }
  }

  private async checked() {
    const { stateDir } = this.options;
    const { connections } = this.engines;
    const names = topology.flatMap(({ database }) => database ?? []);
    const databases = await provision(connections, names, stateDir);
    const connection: LogConnection = {
      brokers: connections.kafkaBrokers,
      registryUrl: connections.registryUrl,
      clientId: 'reprise-chaos',
    };
    return { connection, views: openViews(connections, databases) };
  }

  private questions(): Question[] {
    const board = `${this.url(servicePorts.departureBoard)}/airports/QAA/departures?from=2014-01-01T00:00:00Z`;
    return [
      { view: 'departure-board', url: board },
      { view: 'flight-search', url: `${this.url(servicePorts.flightSearch)}/flights?limit=50` },
      {
        view: 'flight-timeline',
        url: `${this.url(servicePorts.flightTimeline)}/flights/2014-06-01-ZA1-QAA/timeline`,
      },
      { view: 'route-punctuality', url: `${this.url(servicePorts.routePunctuality)}/routes?limit=20` },
    ];
  }

  private url(offset: number): string {
    return `http://127.0.0.1:${this.options.portBase + offset}`;
  }

  private requireServices(): Supervisor {
    if (!this.services) throw new Error('the services were not started');
    return this.services;
  }
}
