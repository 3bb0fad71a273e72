import type { CommandOutcome } from '@reprise/command-store';
import type { Refusal } from '@reprise/decider';

/** The HTTP status of a refusal. */
export function statusOfRefusal({ kind }: Refusal): number {
  switch (kind) {
    case 'not-found':
      return 404;
    case 'conflict':
      return 409;
    case 'invalid':
      return 422;
  }
}

export const reusedId = {
  status: 422,
  code: 'command-id-reused',
  detail: 'This command id was used before, for another entity. Nothing was done.',
} as const;

/** A repeated id gets its first answer; that answer is about something else when the id was first used elsewhere. */
export function isReusedId(outcome: CommandOutcome, key: string): boolean {
  return outcome.key !== key;
}
