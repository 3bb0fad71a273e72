import { CodedError, type FailureDecision } from '@reprise/kernel';

/** Every failure of this library, and what it calls for. */
const decisions = {
  'command-store-unavailable': 'retry',
  'command-store-contended': 'retry',
  'command-store-overloaded': 'retry',
  /** Entities that were there before a rule break it. */
  'rule-violated': 'stop',
  'store-not-empty': 'stop',
  'recovery-runs': 'stop',
  /** The newest state of an entity cannot be read. */
  'log-unsettled': 'stop',
  /** The log ends before what was read of it. */
  'log-shorter': 'stop',
} as const satisfies Record<string, FailureDecision>;

export function commandStoreError(
  code: keyof typeof decisions,
  message: string,
  cause?: unknown,
): CodedError {
  return new CodedError(code, message, { decision: decisions[code], cause });
}
