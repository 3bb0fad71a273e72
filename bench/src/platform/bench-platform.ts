import { join } from 'node:path';
import { provision, servicePorts, Supervisor, type SupervisedSpec } from '@reprise/infra';
import type { Session } from '../session.js';
import { urlOf, type Store } from '../views/stores.js';
import { ControlClient } from './control-client.js';
import { memoryOf, type Memory } from './memory.js';

/** A view to be measured: its name, where it comes from and where it goes. */
export interface MeasuredView {
  readonly name: string;
  readonly topic: string;
  readonly store: Store;
  /** Builder processes that share its partitions. */
  readonly builders: number;
}

const firstBuilderPort = 1;
const lastBuilderPort = 20;

/** The product itself: a control plane, and builders of these views alone, each a process of its own. */
export class BenchPlatform {
  private constructor(
    readonly control: ControlClient,
    private readonly supervisor: Supervisor,
    private readonly builders: readonly string[],
  ) {}

  static async start(session: Session, views: readonly MeasuredView[]): Promise<BenchPlatform> {
    const { options, engines } = session;
    const { stateDir, portBase } = options;
    const databases = await provision(engines.connections, [controlDatabase], stateDir);
    const controlPort = portBase + servicePorts.controlPlane;
    const control = controlPlane(session, controlPort, databases.get(controlDatabase) ?? '');
    const builders = views
      .flatMap((view) => Array.from({ length: view.builders }, (_, index) => ({ view, index })))
      .map(({ view, index }, place) => builder(session, view, { index, port: builderPort(portBase, place) }));
    const supervisor = new Supervisor({
      logsDir: join(stateDir, 'logs'),
      specs: [control, ...builders],
      onRestart: (name) => {
        session.say(`  ${name} ended by itself and is launched again: see its log in ${stateDir}/logs`);
      },
    });
    await supervisor.start();
    const client = new ControlClient(`http://127.0.0.1:${controlPort}`);
    return new BenchPlatform(
      client,
      supervisor,
      builders.map(({ name }) => name),
    );
  }

  stop(): Promise<void> {
    return this.supervisor.stop();
  }

  /** Of each builder process. */
  memory(): Memory[] {
    return this.builders.flatMap((name) => memoryOf(this.supervisor.pidOf(name)) ?? []);
  }
}

const controlDatabase = 'control_plane';

function controlPlane({ root, engines }: Session, port: number, databaseUrl: string): SupervisedSpec {
  const entry = join(root, 'services/control-plane/dist/main.js');
  const env = { ...processEnvironment(engines, port), REPRISE_POSTGRES_URL: databaseUrl };
  return { name: 'control-plane', entry, port, env };
}

function builder(
  { root, engines }: Session,
  view: MeasuredView,
  { index, port }: { index: number; port: number },
): SupervisedSpec {
  const env = {
    ...processEnvironment(engines, port),
    REPRISE_BENCH_VIEW: view.name,
    REPRISE_BENCH_TOPIC: view.topic,
    REPRISE_BENCH_STORE: view.store,
    REPRISE_BENCH_STORE_URL: urlOf(view.store, engines.connections),
  };
  const entry = join(root, 'bench/dist/views/builder.main.js');
  return { name: `${view.name}-builder-${index + 1}`, entry, port, env };
}

function processEnvironment({ connections }: Session['engines'], port: number): Record<string, string> {
  return {
    REPRISE_HOST: '127.0.0.1',
    REPRISE_PORT: String(port),
    REPRISE_KAFKA_BROKERS: connections.kafkaBrokers.join(','),
    REPRISE_REGISTRY_URL: connections.registryUrl,
  };
}

/** The engines' ports begin after the last. */
function builderPort(portBase: number, place: number): number {
  const port = firstBuilderPort + place;
  if (port > lastBuilderPort) throw new RangeError(`no more than ${lastBuilderPort} builders at once`);
  return portBase + port;
}
