import { view as departureBoard, openStore as openBoard } from '@reprise/departure-board/view';
import { view as flightSearch, openStore as openSearch } from '@reprise/flight-search/view';
import { view as flightTimeline, openStore as openTimeline } from '@reprise/flight-timeline/view';
import { view as routePunctuality, openStore as openPunctuality } from '@reprise/route-punctuality/view';
import type { AnyView } from '@reprise/view';
import type { ViewStore } from '@reprise/view-store';

/** Where the views' stores are. */
export interface StoreAddresses {
  readonly redisUrl: string;
  readonly elasticsearchUrl: string;
  /** Addresses of the databases by name. */
  readonly databases: Readonly<Record<string, string>>;
}

interface MeasuredView {
  readonly store: string;
  readonly view: AnyView<unknown>;
  readonly open: (at: StoreAddresses) => ViewStore<unknown>;
}

/** The views of the example by name, each with the store that it is in. */
export const measuredViews: Readonly<Record<string, MeasuredView>> = {
  'route-punctuality': {
    store: 'Postgres',
    view: routePunctuality,
    open: ({ databases }) => openPunctuality(databases['route_punctuality'] ?? ''),
  },
  'departure-board': {
    store: 'Redis',
    view: departureBoard,
    open: ({ redisUrl }) => openBoard(redisUrl),
  },
  'flight-search': {
    store: 'Elasticsearch',
    view: flightSearch,
    open: ({ elasticsearchUrl }) => openSearch(elasticsearchUrl),
  },
  'flight-timeline': {
    store: 'Postgres',
    view: flightTimeline,
    open: ({ databases }) => openTimeline(databases['flight_timeline'] ?? ''),
  },
};

export function measuredView(name: string): MeasuredView {
  const found = measuredViews[name];
  if (!found) throw new RangeError(`no view ${name}: ${Object.keys(measuredViews).join(', ')}`);
  return found;
}
