import { catalogue, type Flight, type StreamContract } from '@reprise/contracts';
import type { Order } from './orders.js';

/** No compaction while it is measured: every pass reads the same records. */
const never = String(10 * 365 * 24 * 60 * 60_000);

/** The platform's own contract of flights, on a topic of its own for each order and length. */
export function benchTopic(order: Order, years: number): StreamContract<Flight> {
  const name = `bench-flight-${order}-${years}y`;
  const topic = `bench.flight.${order}.${years}y`;
  const settings = {
    ...catalogue.flight.settings,
    'min.compaction.lag.ms': never,
    'max.compaction.lag.ms': never,
  };
  return { ...catalogue.flight, name, topic, subject: `${topic}-value`, settings };
}
