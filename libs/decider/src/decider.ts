/** A refusal that the caller is expected to meet: a value, never an exception. */
export interface Refusal {
  readonly refused: true;
  /** Stable, kebab-case, for machines: `already-departed`. */
  readonly code: string;
  /** For people: what is wrong, and where. */
  readonly detail: string;
  /** not-found: no such entity. conflict: against its present state. invalid: the command itself is wrong. */
  readonly kind: 'not-found' | 'conflict' | 'invalid';
}

/** Nothing to do is an empty list: a command that changes nothing makes no event. */
export type Decision<Event> = readonly Event[] | Refusal;

/** Every event names the fact that happened; `deletes` marks the fact after which the entity is gone. */
export interface DomainEvent {
  readonly event: string;
}

/**
 * The pure write side of an entity. `state` is undefined when the entity does not exist (never did, or was deleted).
 * Neither function may read a clock, a random source or anything outside its arguments.
 */
export interface Decider<State, Command, Event extends DomainEvent> {
  decide(state: State | undefined, command: Command): Decision<Event>;
  /** The state after the fact. The deleting fact keeps the final state. */
  evolve(state: State | undefined, event: Event): State;
  /** True for the fact after which the entity is gone. */
  isDeletion(event: Event): boolean;
}

export function refuse(kind: Refusal['kind'], code: string, detail: string): Refusal {
  return { refused: true, kind, code, detail };
}

export function isRefusal<Event>(decision: Decision<Event>): decision is Refusal {
  return 'refused' in decision;
}
