import type { TimedCommand } from '../command.js';
import type { Pace } from './pace.js';

/** Commands that go out together, and where the last of them stands among all of the selection. */
export interface Batch {
  readonly commands: readonly TimedCommand[];
  /** Commands of the selection that are done once this batch is. */
  readonly acknowledges: number;
}

export interface BatchOptions {
  readonly maxCommands: number;
  /** Commands at the beginning that were acknowledged before. */
  readonly skip: number;
  /** Months that were completed on their own: their commands count, but need not be sent. */
  readonly completedMonths: ReadonlySet<number>;
  readonly pace: Pace;
}

/** A batch is as many commands as are due, up to the limit; with nothing due it waits for the next. */
export async function* batchesOf(
  commands: AsyncIterable<TimedCommand>,
  options: BatchOptions,
): AsyncGenerator<Batch> {
  const { maxCommands, skip, completedMonths, pace } = options;
  let batch: TimedCommand[] = [];
  let passed = 0;
  for await (const command of commands) {
    const isDone = passed < skip || completedMonths.has(command.month);
    const isDue = isDone || pace.untilDueMs(command.atMs) <= 0;
    if (batch.length === maxCommands || (batch.length > 0 && !isDue)) {
      yield { commands: batch, acknowledges: passed };
      batch = [];
    }
    passed += 1;
    if (isDone) continue;
    if (!isDue) await pace.untilDue(command.atMs);
    batch.push(command);
  }
  if (batch.length > 0) yield { commands: batch, acknowledges: passed };
}
