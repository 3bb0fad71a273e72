import { statfsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineImages } from './containers/engine-images.js';
import { DockerEngines } from './engines/docker-engines.js';
import { chooseEngines } from './engines/engine-choice.js';
import { keptEngines } from './engines/kept-engines.js';
import { LocalEngines, type Engines } from './engines/local-engines.js';
import { reasonOf, StartFailure } from './failure.js';
import type { StartOptions } from './options.js';
import { provisionBeside, provisionServices, type PlatformOptions } from './platform.js';
import { enginePorts, requireFreePorts } from './ports.js';
import { identify, type ProcessIdentity } from './process-identity.js';
import { RunFile, type RunRecord } from './run-record.js';
import type { Supervisor } from './supervisor.js';
import { besidePort, processesBeside, topology } from './topology.js';

const neededDiskBytes = 3 * 2 ** 30;

const seconds = (began: number): string => ((performance.now() - began) / 1_000).toFixed(1);

/**
 * One run of engines and services, recorded in the state folder from its first process on. `start` either ends with
 * everything ready, or throws and leaves nothing running.
 */
export class Run {
  private readonly file: RunFile;
  private record: RunRecord;
  private engines: Engines | undefined;
  /** The platform's, then those of other checkouts. */
  private readonly services: Supervisor[] = [];
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly root: string,
    private readonly options: StartOptions,
    private readonly onStep: (text: string) => void,
  ) {
    const self = identify(process.pid);
    if (!self) throw new StartFailure('This process cannot be identified: is /proc mounted?');
    this.file = new RunFile(options.stateDir);
    const { portBase } = options;
    this.record = {
      supervisor: self,
      portBase,
      engines: 'local',
      status: 'starting',
      steps: [],
      processes: {},
    };
  }

  async start(): Promise<void> {
    try {
      await this.file.cleanUp();
      const engines = await this.timed('ports, disk, JDK', async () => {
        await this.preflight();
        return this.composeEngines();
      });
      this.engines = engines;
      this.requireGoingOn();
      await engines.start();
      this.requireGoingOn();
      await this.startServices(engines);
      this.requireGoingOn();
      this.update({ status: 'ready' });
    } catch (failure) {
      await this.stop();
      await this.stopAll();
      this.update({ status: 'failed', failure: reasonOf(failure) });
      throw failure;
    }
  }

  /** In order: services, then engines. */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<void> {
    for (const services of this.services.toReversed()) await services.stop();
    await this.engines?.stop();
    this.file.remove();
  }

  private requireGoingOn(): void {
    if (this.stopped) throw new StartFailure('Stopped while starting.');
  }

  private async preflight(): Promise<void> {
    const { stateDir, portBase, beside } = this.options;
    mkdirSync(stateDir, { recursive: true });
    const { bavail, bsize } = statfsSync(stateDir);
    if (bavail * bsize < neededDiskBytes) {
      throw new StartFailure(
        `Only ${((bavail * bsize) / 2 ** 30).toFixed(1)} GiB are free at ${stateDir}: 3 GiB are needed. Free some, or choose another place with --state-dir.`,
      );
    }
    await requireFreePorts(portBase, [
      ...[...topology, ...processesBeside(beside)].map(({ portOffset }) => portOffset),
      ...Object.values(enginePorts),
    ]);
  }

  private async composeEngines(): Promise<Engines> {
    const { stateDir, portBase } = this.options;
    const log = (text: string): void => {
      this.step(text);
    };
    // What was replayed is where it was put: a second start without the option finds it.
    const { engines: asked } = this.options;
    const wanted = asked ? { kind: asked, because: 'as asked for' } : keptEngines(stateDir);
    const { kind, said } = await chooseEngines(wanted, new EngineImages(this.root, log));
    log(said);
    this.update({ engines: kind });
    if (kind === 'docker') return new DockerEngines({ root: this.root, stateDir, portBase });
    return new LocalEngines({
      stateDir,
      portBase,
      cacheDir: join(this.root, '.cache/engines'),
      onStep: (name, took) => {
        this.step(`${name} answers (${took.toFixed(1)} s)`);
      },
      log,
      onProcess: (name, identity) => {
        this.remember(name, identity);
      },
    });
  }

  private async startServices(engines: Engines): Promise<void> {
    const options = this.platformOptions();
    const { beside } = this.options;
    const services = await this.timed('topics, contracts, databases are provisioned', () =>
      provisionServices(engines, options),
    );
    this.services.push(services);
    this.requireGoingOn();
    await this.timed(`${topology.length} service processes are ready`, () => services.start());
    if (beside.length === 0) return;
    const others = await provisionBeside(engines, options, beside);
    this.services.push(others);
    this.requireGoingOn();
    const { portBase } = this.options;
    const places = beside.map(({ view }, place) => `${view} at ${portBase + besidePort(place)}`);
    await this.timed(`versions beside run: ${places.join(', ')}`, () => others.start());
  }

  private platformOptions(): PlatformOptions {
    const { stateDir, portBase } = this.options;
    return {
      root: this.root,
      stateDir,
      portBase,
      onProcess: (name, identity) => {
        this.remember(name, identity);
      },
      onRestart: (name) => {
        this.onStep(`${name} ended and is started again; its log: ${join(stateDir, 'logs', `${name}.log`)}`);
      },
      onIdle: (name, reason) => {
        this.step(`${name} runs and has nothing to serve. ${reason}`);
      },
    };
  }

  private async timed<T>(step: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await work();
    this.step(`${step} (${seconds(began)} s)`);
    return result;
  }

  private step(text: string): void {
    this.onStep(text);
    this.update({ steps: [...this.record.steps, text] });
  }

  private remember(name: string, identity: ProcessIdentity): void {
    this.update({ processes: { ...this.record.processes, [name]: identity } });
  }

  private update(change: Partial<RunRecord>): void {
    this.record = { ...this.record, ...change };
    this.file.write(this.record);
  }
}
