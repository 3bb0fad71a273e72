import { z } from 'zod';

/** A flight as it stands on a board. Times are epoch milliseconds, UTC. */
export const boardRow = z.object({
  flightId: z.string(),
  carrier: z.string(),
  number: z.number(),
  origin: z.string(),
  destination: z.string(),
  tailnum: z.string().nullable(),
  scheduledDeparture: z.number(),
  scheduledArrival: z.number().nullable(),
  status: z.enum(['unknown', 'scheduled', 'departed', 'arrived', 'cancelled', 'diverted']),
  departedAt: z.number().nullable(),
  departureDelayMinutes: z.number().nullable(),
  airlineName: z.string().nullable(),
  destinationName: z.string().nullable(),
  aircraftModel: z.string().nullable(),
  aircraftSeats: z.number().nullable(),
});
export type BoardRow = z.infer<typeof boardRow>;
