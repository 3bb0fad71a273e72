import { parsePositions, type Positions } from '@reprise/kernel';
import { isExecuted, type ExecutedOutcome } from './entity.js';
import type { CallbackState } from './sql/callbacks.js';
import type { OperationRow } from './sql/operations.js';
import { storedOutcome } from './stored-outcome.js';

/**
 * What became of a command after it was decided and stored. `pending`: its events wait for the log. `published`: they are
 * in it, for every reader. What is refused is no operation: it was answered at once, and nothing is left to happen.
 */
export interface Operation {
  readonly id: string;
  readonly stream: string;
  readonly key: string;
  /** Who asked. */
  readonly actor: string;
  readonly correlationId: string;
  readonly askedAt: Date;
  readonly outcome: ExecutedOutcome;
  readonly state: 'pending' | 'published';
  /** How far a reader has come that shows it. Undefined as long as it is pending. */
  readonly positions: Positions | undefined;
  /** Whether who asked for it was told; undefined when nobody asked. */
  readonly callback: OperationCallback | undefined;
}

export interface OperationCallback {
  readonly state: CallbackState;
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly lastFailure: string | undefined;
}

/** @throws TypeError when the row is none that we wrote. */
export function operationOf({ outcome: stored, position, ...row }: OperationRow): Operation {
  const outcome = storedOutcome(stored);
  if (!isExecuted(outcome)) throw new TypeError(`operation ${row.id} was not executed`);
  const { id, stream, key, actor, correlationId, askedAt } = row;
  return {
    ...{ id, stream, key, actor, correlationId, askedAt },
    outcome: { ...outcome, repeated: false },
    state: position === null ? 'pending' : 'published',
    positions: position === null ? undefined : parsePositions(position),
    callback: callbackOf(row),
  };
}

function callbackOf({
  callbackState: state,
  callbackAttempts,
  callbackFailure,
}: Omit<OperationRow, 'outcome' | 'position'>): OperationCallback | undefined {
  if (state === null) return undefined;
  return { state, attempts: callbackAttempts ?? 0, lastFailure: callbackFailure ?? undefined };
}
