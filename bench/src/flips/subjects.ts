import { servicePorts } from '@reprise/infra';

/** A view whose flips are measured: where its answers are, and what readers ask. */
export interface Subject {
  readonly view: string;
  readonly store: string;
  /** Of its query service, counted from the port base. */
  readonly portOffset: number;
  /** Asked in turn; flights of January, which every replay has. */
  readonly paths: readonly string[];
}

const origins = ['EWR', 'JFK', 'LGA'];
const flights = ['2013-01-01-UA1545-EWR', '2013-01-01-UA1714-LGA', '2013-01-01-AA1141-JFK'];

export const subjects: readonly Subject[] = [
  {
    view: 'departure-board',
    store: 'Redis',
    portOffset: servicePorts.departureBoard,
    paths: origins.map((origin) => `/airports/${origin}/departures?from=2013-01-15T17:00:00Z&limit=20`),
  },
  {
    view: 'flight-search',
    store: 'Elasticsearch',
    portOffset: servicePorts.flightSearch,
    paths: ['/flights?destination=BOS&date=2013-01-15&limit=10', ...flights.map((id) => `/flights/${id}`)],
  },
  {
    view: 'route-punctuality',
    store: 'Postgres',
    portOffset: servicePorts.routePunctuality,
    paths: origins.map((origin) => `/routes/${origin}/ATL/punctuality`),
  },
];
