import { setTimeout as pause } from 'node:timers/promises';
import { callsFor, messageOf } from '@reprise/kernel';

const firstWaitMs = 200;
const longestWaitMs = 5_000;

/**
 * Runs the work until its dependencies are there: again after each failure whose decision is `retry`, waiting longer each
 * time (0.2 to 5 s, a random part of it), for as long as `goOn` says.
 * @throws whatever else the work fails with, at once.
 */
export async function whileAway<Result>(
  work: () => Promise<Result>,
  { onAway, goOn = () => true }: { onAway?: ((reason: string) => void) | undefined; goOn?: () => boolean },
): Promise<Result> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      return await work();
    } catch (failure) {
      if (!callsFor(failure, 'retry') || !goOn()) throw failure;
      onAway?.(messageOf(failure));
      await pause(waitMs * (0.5 + Math.random() / 2));
    }
  }
}
