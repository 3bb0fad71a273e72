import { join } from 'node:path';
import type { EngineConnections } from './engines/engine.js';
import { StartFailure } from './failure.js';
import { builderPorts, viewServices, type Store, type ViewService } from './view-services.js';

/** One service process: which file it runs, where it listens, what it is told. */
export interface ServiceProcess {
  readonly name: string;
  /** From the root of its checkout. */
  readonly entry: string;
  /** Root of its checkout; left out: of this one. */
  readonly root?: string;
  /** Counted from the port base. */
  readonly portOffset: number;
  /** Name of its own Postgres database, if it has one. */
  readonly database?: string;
  /** Others get the processor first: a rebuild does not slow those who read. */
  readonly yields?: boolean;
  readonly environment: (
    connections: EngineConnections,
    databaseUrl: string | undefined,
  ) => Record<string, string>;
}

/** The views of this checkout. */
export const views = viewServices(join(import.meta.dirname, '../..'));

/** Ports that clients know, counted from the port base: of the example's services. */
export const servicePorts = {
  controlPlane: 0,
  flightCommands: 1,
  departureBoard: viewPort('departure-board'),
  flightSearch: viewPort('flight-search'),
  routePunctuality: viewPort('route-punctuality'),
  flightTimeline: viewPort('flight-timeline'),
} as const;

function viewPort(name: string): number {
  const view = views.find((known) => known.name === name);
  if (!view) throw new RangeError(`no such view: ${name}`);
  return view.portOffset;
}

const ownDatabase = (_: EngineConnections, url: string | undefined): Record<string, string> => ({
  REPRISE_POSTGRES_URL: url ?? '',
});
const environments: Readonly<Record<Store, ServiceProcess['environment']>> = {
  postgres: ownDatabase,
  redis: ({ redisUrl }) => ({ REPRISE_REDIS_URL: redisUrl }),
  elasticsearch: ({ elasticsearchUrl }) => ({ REPRISE_ELASTICSEARCH_URL: elasticsearchUrl }),
};

/** The two processes of a view: its builder, then its query service. */
function processesOf({ name, store, portOffset }: ViewService): ServiceProcess[] {
  const process = {
    environment: environments[store],
    ...(store === 'postgres' ? { database: name.replaceAll('-', '_') } : {}),
  };
  return [
    {
      ...process,
      name: `${name}-builder`,
      entry: `services/${name}/dist/builder.main.js`,
      portOffset: builderPorts + portOffset,
      yields: true,
    },
    { ...process, name, entry: `services/${name}/dist/query.main.js`, portOffset },
  ];
}

/** Builders beside the first of each view, by view: they share its generations' partitions. */
export type ExtraBuilders = Readonly<Record<string, number>>;

/** Ports of further builders start here, counted from the port base. */
const extraBuilderPorts = 30;

/** The topology with more builders of some views, named `<view>-builder-2` and so on. */
export function withBuilders(extra: ExtraBuilders): readonly ServiceProcess[] {
  const more = Object.entries(extra).flatMap(([name, count]) => {
    const first = topology.find((process) => process.name === `${name}-builder`);
    if (!first) throw new RangeError(`no such view: ${name}`);
    return Array.from({ length: count }, (_, index) => ({ ...first, name: `${first.name}-${index + 2}` }));
  });
  return [
    ...topology,
    ...more.map((process, index) => ({ ...process, portOffset: extraBuilderPorts + index })),
  ];
}

/** A view's code as another checkout has it, to run beside that of this one. */
export interface VersionBeside {
  readonly view: string;
  /** Absolute path of the checkout, installed and built. */
  readonly root: string;
}

/** Ports of versions beside start here, counted from the port base; of their builders {@link builderPorts} above. */
const besidePorts = { from: 60, to: 69 };

/** Where query services of versions beside may be found, in the order in which the versions are given. */
export function besidePort(place: number): number {
  return besidePorts.from + place;
}

/**
 * Builder and query service of each, named `<view>-beside-1-builder` and `<view>-beside-1` and so on.
 * @throws StartFailure when a checkout has no such view, or there are more than ports.
 */
export function processesBeside(beside: readonly VersionBeside[]): readonly ServiceProcess[] {
  const most = besidePorts.to - besidePorts.from + 1;
  if (beside.length > most) throw new StartFailure(`No more than ${most} versions can run beside.`);
  return beside.flatMap(({ view, root }, place) => {
    const known = viewServices(root);
    const found = known.find(({ name }) => name === view);
    if (!found)
      throw new StartFailure(
        `${root} has no view ${view}: it has ${known.map(({ name }) => name).join(', ') || 'none'}.`,
      );
    return processesOf({ ...found, portOffset: besidePort(place) }).map((process) => ({
      ...process,
      root,
      name: process.name.replace(view, `${view}-beside-${place + 1}`),
    }));
  });
}

/** In the order in which they are started; they are stopped in the reverse order. */
export const topology: readonly ServiceProcess[] = [
  {
    name: 'control-plane',
    entry: 'services/control-plane/dist/main.js',
    portOffset: servicePorts.controlPlane,
    database: 'control_plane',
    environment: ownDatabase,
  },
  {
    name: 'flight-commands',
    entry: 'services/flight-commands/dist/main.js',
    portOffset: servicePorts.flightCommands,
    database: 'flight_commands',
    environment: ownDatabase,
  },
  {
    name: 'flight-commands-relay',
    entry: 'services/flight-commands/dist/relay.main.js',
    portOffset: builderPorts + servicePorts.flightCommands,
    database: 'flight_commands',
    environment: ownDatabase,
  },
  ...views.flatMap(processesOf),
];
