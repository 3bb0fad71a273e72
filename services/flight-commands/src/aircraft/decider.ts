import type { Aircraft } from '@reprise/contracts';
import { refuse, type Decider, type Decision } from '@reprise/decider';
import { hasSameContent } from '../same-content.js';

// Events

export type AircraftEvent =
  | { readonly event: 'AircraftRegistered'; readonly aircraft: Aircraft }
  | { readonly event: 'AircraftChanged'; readonly aircraft: Aircraft }
  | { readonly event: 'AircraftRemoved' };

function evolve(state: Aircraft | undefined, event: AircraftEvent): Aircraft {
  switch (event.event) {
    case 'AircraftRegistered':
    case 'AircraftChanged':
      return event.aircraft;
    case 'AircraftRemoved':
      if (state) return state;
      throw new RangeError('AircraftRemoved without an aircraft before it');
  }
}

// Decisions

export type AircraftCommand =
  { readonly type: 'PutAircraft'; readonly aircraft: Aircraft } | { readonly type: 'RemoveAircraft' };

function decide(state: Aircraft | undefined, command: AircraftCommand): Decision<AircraftEvent> {
  switch (command.type) {
    case 'PutAircraft':
      if (!state) return [{ event: 'AircraftRegistered', aircraft: command.aircraft }];
      return hasSameContent(state, command.aircraft)
        ? []
        : [{ event: 'AircraftChanged', aircraft: command.aircraft }];
    case 'RemoveAircraft':
      return state
        ? [{ event: 'AircraftRemoved' }]
        : refuse('not-found', 'aircraft-unknown', 'There is no such aircraft.');
  }
}

export const aircraftDecider: Decider<Aircraft, AircraftCommand, AircraftEvent> = {
  decide,
  evolve,
  isDeletion: ({ event }) => event === 'AircraftRemoved',
};
