import type { Generation, ViewGenerations } from '@reprise/contracts';
import type { Refusal } from '@reprise/decider';
import { problem } from '@reprise/service';
import { wasRefused, type ViewOutcome } from '../generations/view-generations-store.js';

/** @throws ProblemException 404, 409 or 422 when the outcome is a refusal. */
export function granted(outcome: ViewOutcome): ViewGenerations {
  if (!wasRefused(outcome)) return outcome;
  throw problem(statusOf(outcome), outcome.code, outcome.detail);
}

/** @throws ProblemException 404. */
export function requireGeneration({ view, generations }: ViewGenerations, number: number): Generation {
  const found = generations.find((generation) => generation.number === number);
  if (found) return found;
  throw problem(404, 'unknown-generation', `View ${view} has no generation ${number}.`);
}

function statusOf({ kind }: Refusal): number {
  switch (kind) {
    case 'not-found':
      return 404;
    case 'conflict':
      return 409;
    case 'invalid':
      return 422;
  }
}
