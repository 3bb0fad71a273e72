import { CodedError, type FailureDecision } from '@reprise/kernel';

/** Every failure of this library, and what it calls for. */
const decisions = {
  'view-store-unavailable': 'retry',
  /** Its tables are gone: it was dropped, and whoever still writes it will be told so. */
  'generation-missing': 'retry',
  /** A value that Postgres cannot hold: a character 0, a number out of range, an index entry too long. */
  'row-refused': 'set-aside',
  /** The generation was made by code that lays its rows out otherwise. */
  'layout-differs': 'stop',
  'contribution-unsupported': 'stop',
  'ledger-corrupt': 'stop',
} as const satisfies Record<string, FailureDecision>;

export function storeError(code: keyof typeof decisions, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, { decision: decisions[code], cause });
}

/** Runs a statement; failures that pass by themselves, and tables that are gone, become coded errors. */
export async function reaching<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isPassing(cause)) throw storeError('view-store-unavailable', 'Postgres cannot be reached', cause);
    if (sqlState(cause) === '42P01')
      throw storeError('generation-missing', 'the generation has no tables', cause);
    // Class 22: data exception. Class 54: program limit exceeded.
    if (/^(22|54)/.test(sqlState(cause))) throw storeError('row-refused', 'Postgres refused a value', cause);
    throw cause;
  }
}

/** A key that was to be new is not. */
export function isAlreadyThere(failure: unknown): boolean {
  return sqlState(failure) === '23505';
}

/** Class 08 (connection), 53 (resources), 57P (shutdown), 40 (deadlock, serialization), or no answer at all. */
function isPassing(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return (
    /^(08|53|57P|40)/.test(sqlState(cause)) ||
    /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(sqlState(cause)) ||
    /connection (terminated|ended|timeout)|not queryable/i.test(cause.message)
  );
}

function sqlState(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}
