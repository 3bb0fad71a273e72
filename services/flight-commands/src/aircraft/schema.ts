import { z } from 'zod';
import { text, unknownable } from '../fields.js';
import type { AircraftCommand } from './decider.js';

export const aircraftFields = {
  year: unknownable(z.int().min(1_900).max(2_100)),
  type: unknownable(text(100)),
  manufacturer: unknownable(text(100)),
  model: unknownable(text(100)),
  engines: unknownable(z.int().min(0).max(20)),
  seats: unknownable(z.int().min(0).max(2_000)),
  engine: unknownable(text(100)),
};

export const aircraftBody = z.strictObject(aircraftFields);

export function putAircraft(tailnum: string, body: z.output<typeof aircraftBody>): AircraftCommand {
  return { type: 'PutAircraft', aircraft: { tailnum, ...body } };
}
