import { catalogue, type Flight, type StreamContract } from '@reprise/contracts';
import type { Order } from './orders.js';

/** No compaction while it is measured: every pass reads the same records. */
const never = String(10 * 365 * 24 * 60 * 60_000);

/** One for each order and length. */
export function benchTopic(order: Order, years: number): string {
  return `bench.flight.${order}.${years}y`;
}

/** The platform's own contract of flights, on another topic. */
export function contractOn(topic: string): StreamContract<Flight> {
  const settings = {
    ...catalogue.flight.settings,
    'min.compaction.lag.ms': never,
    'max.compaction.lag.ms': never,
  };
  return {
    ...catalogue.flight,
    name: topic.replaceAll('.', '-'),
    topic,
    subject: `${topic}-value`,
    settings,
  };
}
