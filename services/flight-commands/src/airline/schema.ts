import { z } from 'zod';
import { text } from '../fields.js';
import type { AirlineCommand } from './decider.js';

export const airlineBody = z.strictObject({ name: text(200) });

export function putAirline(carrier: string, body: z.output<typeof airlineBody>): AirlineCommand {
  return { type: 'PutAirline', airline: { carrier, ...body } };
}
