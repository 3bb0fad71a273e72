/** A status that a generation took, and when: epoch milliseconds. */
export interface StatusChange {
  readonly status: string;
  readonly sinceMs: number;
}

/**
 * Seconds from the first status to the last, and how long each but the last took. Verifying is told with the steps, and is
 * not part of the whole: nobody who writes by hand checks what came out.
 */
export function phasesOf(changes: readonly StatusChange[]): {
  seconds: number;
  phases: Readonly<Record<string, number>>;
} {
  const phases: Record<string, number> = {};
  for (const [place, { status, sinceMs }] of changes.entries()) {
    const next = changes[place + 1];
    if (next) phases[status] = (phases[status] ?? 0) + (next.sinceMs - sinceMs) / 1_000;
  }
  const counted = Object.entries(phases).filter(([status]) => status !== 'verifying');
  return { seconds: counted.reduce((sum, [, phase]) => sum + phase, 0), phases };
}
