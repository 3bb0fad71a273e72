import { servicePorts } from '@reprise/infra';
import type { Witness } from './witness.js';

/** What is asked again and again. */
export interface Question {
  readonly view: string;
  readonly url: () => string;
  /** How much the body of an answer shows of something that only grows. */
  readonly grown?: (body: unknown) => number;
}

/** Of each view one about what changes all the time, and one about what only grows. */
export function questions(urlOf: (portOffset: number) => string, witness: Witness): readonly Question[] {
  const board = `${urlOf(servicePorts.departureBoard)}/airports`;
  const search = `${urlOf(servicePorts.flightSearch)}/flights`;
  const timelines = `${urlOf(servicePorts.flightTimeline)}/flights`;
  const routes = `${urlOf(servicePorts.routePunctuality)}/routes`;
  const since = 'from=2014-01-01T00:00:00Z';
  return [
    { view: 'departure-board', url: () => `${board}/QAA/departures?${since}` },
    {
      view: 'departure-board',
      url: () => `${board}/${witness.airport}/departures?${since}&limit=1000`,
      grown: (body) => listed(body, 'departures').length,
    },
    { view: 'flight-search', url: () => `${search}?limit=50` },
    {
      view: 'flight-search',
      url: () => `${search}?limit=0&origin=${witness.airport}`,
      grown: (body) => Number(member(body, 'total')),
    },
    { view: 'flight-timeline', url: () => `${timelines}/2014-06-01-ZA1-QAA/timeline` },
    {
      view: 'flight-timeline',
      url: () => `${timelines}/${witness.firstFlight}/timeline`,
      grown: (body) => listed(body, 'entries').length,
    },
    { view: 'route-punctuality', url: () => `${routes}?limit=20` },
    {
      view: 'route-punctuality',
      url: () => `${routes}?origin=${witness.airport}`,
      grown: (body) => Number(member(listed(body, 'routes')[0], 'flights') ?? 0),
    },
  ];
}

function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}

function listed(body: unknown, name: string): readonly unknown[] {
  const value = member(body, name);
  return Array.isArray(value) ? value : [];
}
