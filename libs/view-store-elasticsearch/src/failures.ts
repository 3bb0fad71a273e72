import { errors } from '@elastic/elasticsearch';
import { CodedError, type FailureDecision } from '@reprise/kernel';

/** All that can go wrong here, and what each failure calls for. */
const decisions = {
  /** The server cannot be reached, did not answer in time, or is not ready to answer about all of its shards. */
  'elasticsearch-unavailable': 'retry',
  /** The server refused work for want of room (429, 503) longer than we wait inside one call. */
  'elasticsearch-overloaded': 'retry',
  /** Other writers kept getting in between; nothing of ours was lost. */
  'elasticsearch-contended': 'retry',
  /** The server cannot index this document: it does not fit the view's mappings. */
  'document-refused': 'set-aside',
  /** The generation is not there: never opened, or dropped; whoever still writes it will be told so. */
  'generation-missing': 'retry',
  /** The view contributes to groups, which this store cannot add up safely. */
  'groups-unsupported': 'stop',
  /** The server refused a request of ours, or holds something that we did not write. */
  'elasticsearch-unexpected': 'stop',
} as const satisfies Readonly<Record<string, FailureDecision>>;

export type FailureCode = keyof typeof decisions;

export function failure(code: FailureCode, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, { decision: decisions[code], cause });
}

/** Runs one request; whatever goes wrong comes out as a CodedError that says what was being done. */
export async function attempt<Result>(doing: string, request: () => Promise<Result>): Promise<Result> {
  try {
    return await request();
  } catch (thrown) {
    throw thrown instanceof CodedError ? thrown : failure(codeOf(thrown), `${doing} failed`, thrown);
  }
}

/** The HTTP status of a refusal by the server; undefined for every other failure. */
export function refusedWith(thrown: unknown): number | undefined {
  const cause = thrown instanceof CodedError ? thrown.cause : thrown;
  return cause instanceof errors.ResponseError ? cause.statusCode : undefined;
}

/** True for the refusal to create an index that exists. */
export function isAlreadyThere(thrown: unknown): boolean {
  return (
    thrown instanceof errors.ResponseError && thrown.message.includes('resource_already_exists_exception')
  );
}

export function isOverloaded(status: number): boolean {
  return status === 429 || status === 503;
}

function codeOf(thrown: unknown): FailureCode {
  if (thrown instanceof errors.ResponseError) return codeOfStatus(thrown.statusCode ?? 0, thrown.message);
  const isAway =
    thrown instanceof errors.ConnectionError ||
    thrown instanceof errors.TimeoutError ||
    thrown instanceof errors.NoLivingConnectionsError;
  return isAway ? 'elasticsearch-unavailable' : 'elasticsearch-unexpected';
}

function codeOfStatus(status: number, message: string): FailureCode {
  if (isOverloaded(status)) return 'elasticsearch-overloaded';
  if (status >= 500) return 'elasticsearch-unavailable';
  if (status === 404 && message.includes('index_not_found')) return 'generation-missing';
  return 'elasticsearch-unexpected';
}
