import { commandStoreError } from './errors.js';

/** @throws CodedError `command-store-unavailable` when the server is away; else whatever the work fails with. */
export async function reaching<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isConnectionFailure(cause)) {
      throw commandStoreError('command-store-unavailable', 'the write store cannot be reached', cause);
    }
    throw cause;
  }
}

/** Class 40: the server rolled back one of several transactions that stood in each other's way. */
export function isSerializationFailure(cause: unknown): boolean {
  return (
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && cause.code.startsWith('40')
  );
}

/** Class 08 (connection), 53 (resources), 57P (shutdown), or no answer from the server at all. */
function isConnectionFailure(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return (
    /^(08|53|57P)/.test(code) ||
    /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code) ||
    /connection (terminated|ended|timeout)|not queryable/i.test(cause.message)
  );
}
