/** What a failure calls for: try again later, put the record aside, or stop because we are wrong. */
export type FailureDecision = 'retry' | 'set-aside' | 'stop';

/** A failure with a stable code. Every library keeps one table of its codes and what each calls for. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly decision: FailureDecision;

  constructor(
    readonly code: string,
    message: string,
    { decision, cause }: { decision: FailureDecision; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.decision = decision;
  }
}

/** True for a failure of ours that calls for this. */
export function callsFor(failure: unknown, decision: FailureDecision): failure is CodedError {
  return failure instanceof CodedError && failure.decision === decision;
}

/** The message of anything thrown, for logs and reports. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause === undefined ? thrown.message : `${thrown.message}: ${messageOf(thrown.cause)}`;
}
