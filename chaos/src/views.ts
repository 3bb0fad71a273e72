import { view as departureBoard, openStore as openBoard } from '@reprise/departure-board/view';
import { view as flightSearch, openStore as openSearch } from '@reprise/flight-search/view';
import { view as flightTimeline, openStore as openTimeline } from '@reprise/flight-timeline/view';
import type { EngineConnections } from '@reprise/infra';
import { view as routePunctuality, openStore as openPunctuality } from '@reprise/route-punctuality/view';
import type { CheckedView } from './check.js';

/** The views of the example, each with a store of our own. @param databases Addresses of the databases by name. */
export function openViews(
  { redisUrl, elasticsearchUrl }: EngineConnections,
  databases: ReadonlyMap<string, string>,
): readonly CheckedView[] {
  const database = (name: string): string => {
    const url = databases.get(name);
    if (url === undefined) throw new RangeError(`no database ${name}`);
    return url;
  };
  return [
    { view: departureBoard, store: openBoard(redisUrl) },
    { view: flightSearch, store: openSearch(elasticsearchUrl) },
    { view: flightTimeline, store: openTimeline(database('flight_timeline')) },
    { view: routePunctuality, store: openPunctuality(database('route_punctuality')) },
  ];
}
