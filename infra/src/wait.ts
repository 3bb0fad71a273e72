import { setTimeout as pause } from 'node:timers/promises';

/** Asks every `everyMs` until the answer is yes. False when `limitMs` passed. A failing question counts as no. */
export async function until(
  question: () => Promise<boolean> | boolean,
  { limitMs, everyMs = 100 }: { limitMs: number; everyMs?: number },
): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    try {
      if (await question()) return true;
    } catch {
      // Not yet.
    }
    await pause(everyMs);
  }
  return false;
}
