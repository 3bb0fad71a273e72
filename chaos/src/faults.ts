import { setTimeout as pause } from 'node:timers/promises';
import type { EngineName, RunningEngines, Supervisor } from '@reprise/infra';
import { messageOf } from '@reprise/kernel';
import { anyHealing, type LinkName, type Network } from './network.js';
import type { Random } from './random.js';
import type { Report } from './report.js';

export interface FaultOptions {
  readonly services: Supervisor;
  /** Names of the service processes. */
  readonly names: readonly string[];
  /** Undefined when they are not ours to break. */
  readonly engines: Engines | undefined;
  /** Between the services and the engines. */
  readonly network: Pick<Network, 'names' | 'cut' | 'heal'>;
  readonly random: Random;
  readonly report: Report;
}

type Engines = Pick<RunningEngines, 'kill' | 'restart'>;

const engineNames: readonly EngineName[] = ['postgres', 'redis', 'kafka', 'elasticsearch', 'registry'];
/** Elasticsearch and Kafka need about 15 s to come back; in between the platform should get something done. */
const engineEveryMs = 40_000;

/**
 * Breaks things, one after another and now and then two at once: processes die, sleep and wake up (zombies), leave and come
 * back, the network is parted, engines are killed and started again on their data.
 */
export class Faults {
  private readonly end = new AbortController();
  /** Of its own, as it depends on the time when an engine's turn comes. */
  private readonly engineRandom: Random;
  private lastEngineMs = performance.now() - engineEveryMs / 2;
  private engineBusy: Promise<void> | undefined;
  private isElasticsearchStarting = false;
  private readonly parted = new Set<LinkName>();
  private readonly asleep = new Set<Promise<void>>();
  private readonly running: Promise<void>;

  constructor(private readonly options: FaultOptions) {
    this.engineRandom = options.random.fork();
    this.running = this.run();
  }

  /** Breaks nothing any more; resolves when all that sleeps is awake and every engine runs. */
  async stop(): Promise<void> {
    this.end.abort();
    await this.running;
    await Promise.all(this.asleep);
    await this.engineBusy;
  }

  private async run(): Promise<void> {
    const { random } = this.options;
    while (!this.end.signal.aborted) {
      await this.rest(random.between(1_500, 7_000));
      if (this.isStopped()) return;
      // Starting Elasticsearch takes all that a small machine has: what dies meanwhile would keep it from ever coming back.
      if (this.isElasticsearchStarting) continue;
      this.strike();
      if (random.chance(0.2)) this.strike();
    }
  }

  /** A call, as the compiler does not see that it changes in between. */
  private isStopped(): boolean {
    return this.end.signal.aborted;
  }

  /** Shorter when the end comes: then everything wakes up at once. */
  private async rest(durationMs: number): Promise<void> {
    await pause(durationMs, undefined, { signal: this.end.signal }).catch(() => undefined);
  }

  private strike(): void {
    const { random, names, engines } = this.options;
    if (engines && !this.engineBusy && performance.now() - this.lastEngineMs > engineEveryMs) {
      this.engineBusy = this.breakEngine(engines, this.engineRandom.pick(engineNames)).finally(() => {
        this.engineBusy = undefined;
        this.lastEngineMs = performance.now();
      });
      return;
    }
    const name = random.pick(names);
    const kind = random.pick(['kill', 'kill', 'kill', 'sleep', 'sleep', 'leave', 'leave', 'cut'] as const);
    switch (kind) {
      case 'cut':
        this.during(this.cut(random.between(1_000, 12_000)));
        return;
      case 'kill':
        this.told('kill', name);
        this.options.services.kill(name, 'SIGKILL');
        return;
      case 'sleep':
        this.during(this.sleep(name, random.between(1_000, 20_000)));
        return;
      case 'leave':
        this.during(this.leave(name, random.between(1_000, 15_000)));
    }
  }

  /** The network is parted between all services and one engine. */
  private async cut(durationMs: number): Promise<void> {
    const { network, random } = this.options;
    const whole = network.names.filter((name) => !this.parted.has(name));
    if (whole.length === 0) return;
    const name = random.pick(whole);
    const healing = anyHealing(random);
    this.told(`cut ${durationMs} ms, then ${healing}`, name);
    this.parted.add(name);
    network.cut(name);
    await this.rest(durationMs);
    network.heal(name, healing);
    this.parted.delete(name);
  }

  private during(fault: Promise<void>): void {
    this.asleep.add(fault);
    void fault.finally(() => this.asleep.delete(fault));
  }

  private async sleep(name: string, durationMs: number): Promise<void> {
    this.told(`sleep ${durationMs} ms`, name);
    this.options.services.kill(name, 'SIGSTOP');
    await this.rest(durationMs);
    this.options.services.kill(name, 'SIGCONT');
  }

  /** In good order, as a deployment does, and back after a while. */
  private async leave(name: string, durationMs: number): Promise<void> {
    const { services } = this.options;
    this.told(`leave ${durationMs} ms`, name);
    services.suspendRestart(name);
    services.kill(name, 'SIGTERM');
    await this.rest(durationMs);
    services.resumeRestart(name);
  }

  private async breakEngine(engines: Engines, name: EngineName): Promise<void> {
    const { report } = this.options;
    this.told('kill engine', name);
    engines.kill(name, 'SIGKILL');
    await this.rest(this.engineRandom.between(0, 5_000));
    this.isElasticsearchStarting = name === 'elasticsearch';
    try {
      await this.restart(engines, name);
      report.note(`engine ${name} is back`);
    } catch (failure) {
      report.finding(`engine ${name} did not come back: ${messageOf(failure)}`);
    } finally {
      this.isElasticsearchStarting = false;
    }
  }

  /** On a busy machine an engine may not answer in time; then it is started once more. */
  private async restart(engines: Engines, name: EngineName): Promise<void> {
    try {
      await engines.restart(name);
    } catch (failure) {
      this.options.report.note(`${name} does not come back, once more: ${messageOf(failure)}`);
      await engines.restart(name);
    }
  }

  private told(fault: string, name: string): void {
    this.options.report.count(`fault: ${fault.split(' ').slice(0, 2).join(' ').replace(/ \d+$/, '')}`);
    this.options.report.note(`${fault}: ${name}`);
  }
}
