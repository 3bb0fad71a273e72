import { setTimeout as pause } from 'node:timers/promises';
import type { EngineName, RunningEngines, Supervisor } from '@reprise/infra';
import { messageOf } from '@reprise/kernel';
import type { Random } from './random.js';
import type { Report } from './report.js';

export interface FaultOptions {
  readonly services: Supervisor;
  /** Names of the service processes. */
  readonly names: readonly string[];
  readonly engines: Pick<RunningEngines, 'kill' | 'restart'>;
  readonly random: Random;
  readonly report: Report;
}

const engineNames: readonly EngineName[] = ['postgres', 'redis', 'kafka', 'elasticsearch', 'registry'];
/** Elasticsearch and Kafka need about 15 s to come back; in between the platform should get something done. */
const engineEveryMs = 40_000;

/**
 * Breaks things, one after another and now and then two at once: processes die, sleep and wake up (zombies), leave and come
 * back, engines are killed and started again on their data.
 */
export class Faults {
  private stopped = false;
  private lastEngineMs = performance.now() - engineEveryMs / 2;
  private engineBusy: Promise<void> | undefined;
  private isElasticsearchStarting = false;
  private readonly asleep = new Set<Promise<void>>();
  private readonly running: Promise<void>;

  constructor(private readonly options: FaultOptions) {
    this.running = this.run();
  }

  /** Breaks nothing any more; resolves when all that sleeps is awake and every engine runs. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await Promise.all(this.asleep);
    await this.engineBusy;
  }

  private async run(): Promise<void> {
    const { random } = this.options;
    while (!this.stopped) {
      await pause(random.between(1_500, 7_000));
      if (this.isStopped()) return;
      // Starting Elasticsearch takes all that a small machine has: what dies meanwhile would keep it from ever coming back.
      if (this.isElasticsearchStarting) continue;
      this.strike();
      if (random.chance(0.2)) this.strike();
    }
  }

  /** A call, as the compiler does not see that it changes in between. */
  private isStopped(): boolean {
    return this.stopped;
  }

  private strike(): void {
    const { random, names } = this.options;
    if (!this.engineBusy && performance.now() - this.lastEngineMs > engineEveryMs) {
      this.engineBusy = this.breakEngine(random.pick(engineNames)).finally(() => {
        this.engineBusy = undefined;
        this.lastEngineMs = performance.now();
      });
      return;
    }
    const name = random.pick(names);
    const kind = random.pick(['kill', 'kill', 'sleep', 'leave'] as const);
    switch (kind) {
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

  private during(fault: Promise<void>): void {
    this.asleep.add(fault);
    void fault.finally(() => this.asleep.delete(fault));
  }

  private async sleep(name: string, durationMs: number): Promise<void> {
    this.told(`sleep ${durationMs} ms`, name);
    this.options.services.kill(name, 'SIGSTOP');
    await pause(durationMs);
    this.options.services.kill(name, 'SIGCONT');
  }

  /** In good order, as a deployment does, and back after a while. */
  private async leave(name: string, durationMs: number): Promise<void> {
    const { services } = this.options;
    this.told(`leave ${durationMs} ms`, name);
    services.suspendRestart(name);
    services.kill(name, 'SIGTERM');
    await pause(durationMs);
    services.resumeRestart(name);
  }

  private async breakEngine(name: EngineName): Promise<void> {
    const { engines, random, report } = this.options;
    this.told('kill engine', name);
    engines.kill(name, 'SIGKILL');
    await pause(random.between(0, 5_000));
    this.isElasticsearchStarting = name === 'elasticsearch';
    await this.restart(name).finally(() => {
      this.isElasticsearchStarting = false;
    });
    report.note(`engine ${name} is back`);
  }

  /** On a busy machine an engine may not answer in time; then it is started once more. */
  private async restart(name: EngineName): Promise<void> {
    const { engines, report } = this.options;
    try {
      await engines.restart(name);
    } catch (failure) {
      report.note(`${name} did not come back: ${messageOf(failure)}`);
      await engines.restart(name);
    }
  }

  private told(fault: string, name: string): void {
    this.options.report.count(`fault: ${fault.split(' ').slice(0, 2).join(' ').replace(/ \d+$/, '')}`);
    this.options.report.note(`${fault}: ${name}`);
  }
}
