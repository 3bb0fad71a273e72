/** A reason why a command cannot go on, in one line, with the mend. Printed without a stack. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/** The message of anything thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
