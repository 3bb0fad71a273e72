import type { Generation, ViewGenerations } from '@reprise/contracts';
import type { GenerationShadow } from './shadow-counts.js';

export interface ShadowRules {
  /** Answers that are to be compared before a generation goes live by itself; 0: none. */
  readonly minCompared: number;
  /** How long that may take, from when it was ready. */
  readonly waitMs: number;
}

/**
 * Whether a generation may go live by itself. open: yes, and the note says what is not known of it; waiting: not yet; held: only
 * when more answers are compared, or an operator says so.
 */
export type ShadowGate =
  | { readonly kind: 'open'; readonly note: string | null }
  | { readonly kind: 'waiting' | 'held'; readonly reason: string };

const open: ShadowGate = { kind: 'open', note: null };

/**
 * A generation is compared by the reads that happen to come. Where none come there is nothing to wait for, so the time is
 * bounded; where they come and fail, that is not for want of reads.
 */
export function shadowGate(
  { live }: ViewGenerations,
  { statusSince }: Generation,
  {
    shadow,
    rules: { minCompared, waitMs },
    nowMs,
  }: { shadow: GenerationShadow | undefined; rules: ShadowRules; nowMs: number },
): ShadowGate {
  const { compared = 0, errors = 0 } = shadow ?? {};
  if (live === null || compared >= minCompared) return open;
  const leftMs = statusSince + waitMs - nowMs;
  const progress = `${compared} of ${minCompared} live reads compared`;
  if (leftMs > 0) return { kind: 'waiting', reason: `${progress}, ${Math.ceil(leftMs / 1_000)} s left` };
  if (errors > compared)
    return { kind: 'held', reason: `${progress}, and ${errors} failed when asked of it` };
  return { kind: 'open', note: `${progress} in ${Math.round(waitMs / 1_000)} s: too few came` };
}
