import type { Airport } from '@reprise/contracts';
import { refuse, type Decider, type Decision } from '@reprise/decider';
import { hasSameContent } from '../same-content.js';

// Events

export type AirportEvent =
  | { readonly event: 'AirportRegistered'; readonly airport: Airport }
  | { readonly event: 'AirportChanged'; readonly airport: Airport }
  | { readonly event: 'AirportRemoved' };

function evolve(state: Airport | undefined, event: AirportEvent): Airport {
  switch (event.event) {
    case 'AirportRegistered':
    case 'AirportChanged':
      return event.airport;
    case 'AirportRemoved':
      if (state) return state;
      throw new RangeError('AirportRemoved without an airport before it');
  }
}

// Decisions

export type AirportCommand =
  { readonly type: 'PutAirport'; readonly airport: Airport } | { readonly type: 'RemoveAirport' };

function decide(state: Airport | undefined, command: AirportCommand): Decision<AirportEvent> {
  switch (command.type) {
    case 'PutAirport':
      if (!state) return [{ event: 'AirportRegistered', airport: command.airport }];
      return hasSameContent(state, command.airport)
        ? []
        : [{ event: 'AirportChanged', airport: command.airport }];
    case 'RemoveAirport':
      return state
        ? [{ event: 'AirportRemoved' }]
        : refuse('not-found', 'airport-unknown', 'There is no such airport.');
  }
}

export const airportDecider: Decider<Airport, AirportCommand, AirportEvent> = {
  decide,
  evolve,
  isDeletion: ({ event }) => event === 'AirportRemoved',
};
