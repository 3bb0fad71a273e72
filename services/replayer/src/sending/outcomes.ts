/** What became of the commands of one request or of a whole replay. */
export interface Tally {
  accepted: number;
  unchanged: number;
  refused: number;
  invalid: number;
  /** Of all these, answered from an earlier time. */
  repeated: number;
}

/** The answer to one command, as far as it is of interest here. */
export interface OutcomeLine {
  readonly outcome: 'accepted' | 'unchanged' | 'refused' | 'invalid';
  readonly id: string;
  readonly repeated: boolean;
  /** Why it was refused or is invalid. */
  readonly reason: string;
}

/** What a batch that could not be finished says of itself. */
export interface StoppedLine {
  readonly outcome: 'stopped';
  readonly reason: string;
}

export function emptyTally(): Tally {
  return { accepted: 0, unchanged: 0, refused: 0, invalid: 0, repeated: 0 };
}

/** @throws TypeError when the line is neither an outcome nor the end of a batch. */
export function parseOutcome(text: string): OutcomeLine | StoppedLine {
  const line: unknown = JSON.parse(text);
  if (!isRecord(line)) throw new TypeError(`not an outcome: ${text}`);
  const { outcome, id, repeated } = line;
  const reason = isRecord(line['problem'])
    ? `${String(line['problem']['code'])}: ${String(line['problem']['detail'])}`
    : '';
  if (outcome === 'stopped') return { outcome, reason };
  if (outcome === 'accepted' || outcome === 'unchanged' || outcome === 'refused' || outcome === 'invalid') {
    return { outcome, id: typeof id === 'string' ? id : '', repeated: repeated === true, reason };
  }
  throw new TypeError(`not an outcome: ${text}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
