import type { StoreAddresses } from './views.js';

/** What a feeding process is given. */
export interface FeedingTask {
  readonly view: string;
  readonly number: number;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly at: StoreAddresses;
}

/** What it says, again and again. */
export interface FeedingReport {
  readonly recordsRead: number;
  /** Next offsets that readers of the generation see, by partition, as decimal text. */
  readonly visible: Readonly<Record<string, string>>;
}
