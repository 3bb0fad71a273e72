import { CodedError, type FailureDecision } from '@reprise/kernel';

/** Every failure of this library, and what it calls for. */
const decisions = {
  'view-store-unavailable': 'retry',
  'contribution-unsupported': 'stop',
  'stored-value-corrupt': 'stop',
} as const satisfies Record<string, FailureDecision>;

export function storeError(code: keyof typeof decisions, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, { decision: decisions[code], cause });
}

/** Runs a call of Redis; whatever it fails with passes by itself: the server is away, loading, or read-only. */
export async function reaching<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw storeError('view-store-unavailable', 'Redis cannot be reached, or refused the call', cause);
  }
}
