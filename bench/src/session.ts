import type { BenchEngines } from './bench-engines.js';
import type { BenchOptions } from './options.js';
import type { TopicShelf } from './topic/topic-shelf.js';

/** What every measurement of a bench shares. */
export interface Session {
  /** Root of the repository. */
  readonly root: string;
  readonly options: BenchOptions;
  readonly engines: BenchEngines;
  readonly shelf: TopicShelf;
  /** Aborted by a signal. */
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}
