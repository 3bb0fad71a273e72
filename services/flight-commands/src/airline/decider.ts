import type { Airline } from '@reprise/contracts';
import { refuse, type Decider, type Decision } from '@reprise/decider';
import { hasSameContent } from '../same-content.js';

// Events

export type AirlineEvent =
  | { readonly event: 'AirlineRegistered'; readonly airline: Airline }
  | { readonly event: 'AirlineChanged'; readonly airline: Airline }
  | { readonly event: 'AirlineRemoved' };

function evolve(state: Airline | undefined, event: AirlineEvent): Airline {
  switch (event.event) {
    case 'AirlineRegistered':
    case 'AirlineChanged':
      return event.airline;
    case 'AirlineRemoved':
      if (state) return state;
      throw new RangeError('AirlineRemoved without an airline before it');
  }
}

// Decisions

export type AirlineCommand =
  { readonly type: 'PutAirline'; readonly airline: Airline } | { readonly type: 'RemoveAirline' };

function decide(state: Airline | undefined, command: AirlineCommand): Decision<AirlineEvent> {
  switch (command.type) {
    case 'PutAirline':
      if (!state) return [{ event: 'AirlineRegistered', airline: command.airline }];
      return hasSameContent(state, command.airline)
        ? []
        : [{ event: 'AirlineChanged', airline: command.airline }];
    case 'RemoveAirline':
      return state
        ? [{ event: 'AirlineRemoved' }]
        : refuse('not-found', 'airline-unknown', 'There is no such airline.');
  }
}

export const airlineDecider: Decider<Airline, AirlineCommand, AirlineEvent> = {
  decide,
  evolve,
  isDeletion: ({ event }) => event === 'AirlineRemoved',
};
