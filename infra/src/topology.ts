import type { EngineConnections } from './engines/engine.js';

/** One service process: which file it runs, where it listens, what it is told. */
export interface ServiceProcess {
  readonly name: string;
  /** From the root of the repository. */
  readonly entry: string;
  /** Counted from the port base. */
  readonly portOffset: number;
  /** Name of its own Postgres database, if it has one. */
  readonly database?: string;
  readonly environment: (
    connections: EngineConnections,
    databaseUrl: string | undefined,
  ) => Record<string, string>;
}

/** Ports that clients know, counted from the port base. */
export const servicePorts = {
  controlPlane: 0,
  flightCommands: 1,
  departureBoard: 2,
  flightSearch: 3,
  routePunctuality: 4,
  flightTimeline: 5,
} as const;

const behindTheDoors = 10;

const ownDatabase = (_: EngineConnections, url: string | undefined): Record<string, string> => ({
  REPRISE_POSTGRES_URL: url ?? '',
});
const redis = ({ redisUrl }: EngineConnections): Record<string, string> => ({ REPRISE_REDIS_URL: redisUrl });
const elasticsearch = ({ elasticsearchUrl }: EngineConnections): Record<string, string> => ({
  REPRISE_ELASTICSEARCH_URL: elasticsearchUrl,
});

function view(
  name: string,
  portOffset: number,
  store: Pick<ServiceProcess, 'database' | 'environment'>,
): ServiceProcess[] {
  return [
    {
      ...store,
      name: `${name}-builder`,
      entry: `services/${name}/dist/builder.main.js`,
      portOffset: behindTheDoors + portOffset,
    },
    { ...store, name, entry: `services/${name}/dist/query.main.js`, portOffset },
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
    portOffset: behindTheDoors + servicePorts.flightCommands,
    database: 'flight_commands',
    environment: ownDatabase,
  },
  ...view('departure-board', servicePorts.departureBoard, { environment: redis }),
  ...view('flight-search', servicePorts.flightSearch, { environment: elasticsearch }),
  ...view('route-punctuality', servicePorts.routePunctuality, {
    database: 'route_punctuality',
    environment: ownDatabase,
  }),
  ...view('flight-timeline', servicePorts.flightTimeline, {
    database: 'flight_timeline',
    environment: ownDatabase,
  }),
];
