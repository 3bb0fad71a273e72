import { CodedError, type FailureDecision } from '@reprise/kernel';

/** Every failure of this library, and what it calls for. */
const decisions = {
  'view-store-unavailable': 'retry',
  /** Its keys are gone: it was dropped, and whoever still writes it will be told so. */
  'generation-missing': 'retry',
  /** The server will answer the same way for ever: a wrong password, a key of another type, a command it does not know. */
  'view-store-refused': 'stop',
  'contribution-unsupported': 'stop',
  'stored-value-corrupt': 'stop',
} as const satisfies Record<string, FailureDecision>;

export function storeError(code: keyof typeof decisions, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, { decision: decisions[code], cause });
}

/** What the server says of states that pass by themselves. */
const passing =
  /^(LOADING|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|OOM|MISCONF|UNBLOCKED|NOSCRIPT)\b/;

/** Runs a call of Redis. What it fails with passes by itself (the server is away, loading, full), unless it is a refusal. */
export async function reaching<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    if (cause instanceof Error && cause.message.includes('GENERATIONMISSING'))
      throw storeError('generation-missing', 'the generation has no checkpoints', cause);
    if (cause instanceof Error && cause.name === 'ReplyError' && !passing.test(cause.message))
      throw storeError('view-store-refused', 'Redis refused the call', cause);
    throw storeError('view-store-unavailable', 'Redis cannot be reached, or cannot answer now', cause);
  }
}
