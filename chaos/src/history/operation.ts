/** When a client asked, and when it was answered: milliseconds on one clock for all. `endedMs` Infinity: never. */
export interface Span {
  /** Asks one thing after another, and keeps what positions it was told. */
  readonly session: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

/** Puts a value, that no other write has, into an entity. */
export interface Write extends Span {
  readonly kind: 'write';
  readonly entity: string;
  readonly value: number;
  /** The version that the entity had to be at. */
  readonly expected: number | undefined;
  /** unknown: it may have been executed or not, or may be later. mismatched: it was not, as the entity was at `version`. */
  readonly outcome:
    | { readonly kind: 'accepted'; readonly version: number }
    | { readonly kind: 'mismatched'; readonly version: number }
    | { readonly kind: 'unknown' };
}

/** Asks a view for entities. Those that are not shown are not there. */
export interface Read extends Span {
  readonly kind: 'read';
  readonly view: string;
  /** The stream whose positions the view goes by. */
  readonly stream: string;
  readonly asked: readonly string[];
  readonly shown: ReadonlyMap<string, number>;
}

export type Operation = Write | Read;

/** One event of an entity, as the log has it. */
export interface LoggedValue {
  readonly entity: string;
  readonly version: number;
  readonly value: number;
}
