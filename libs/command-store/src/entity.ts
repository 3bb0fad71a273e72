import { partitionId } from '@reprise/kernel';
import { partitionOf } from '@reprise/log';
import type { StreamContract } from '@reprise/contracts';
import type { Decider, Decision, DomainEvent, Refusal } from '@reprise/decider';
import type { Provenance } from '@reprise/contracts';
import type { UniqueRule } from './claim-book.js';
import type { VersionCondition } from './version-condition.js';

/** One kind of entity: its stream and its decider. Only the command's type is kept; see {@link defineEntity}. */
export interface EntityType<Command> {
  readonly contract: StreamContract<unknown>;
  /** The stream that keeps every event of the entity, if there is one. */
  readonly history?: StreamContract<unknown>;
  /** Values that at most one of these entities may have at a time. */
  readonly unique: readonly UniqueRule<unknown>[];
  decide(state: unknown, command: Command): Decision<DomainEvent>;
  evolve(state: unknown, event: DomainEvent): unknown;
  isDeletion(event: DomainEvent): boolean;
}

/**
 * Ties a decider to the stream that its events go to; with `history`, each event also goes there, in the same transaction.
 * A command that would give an entity a value of `unique` that another one has is refused as a conflict.
 * @throws RangeError when the history stream does not keep every event.
 */
export function defineEntity<State, Command, Event extends DomainEvent>(options: {
  readonly contract: StreamContract<State>;
  readonly history?: StreamContract<State>;
  readonly decider: Decider<State, Command, Event>;
  readonly unique?: readonly UniqueRule<State>[];
}): EntityType<Command> {
  const { contract, history, decider, unique = [] } = options;
  if (history && history.retention !== 'history')
    throw new RangeError(`stream ${history.name} does not keep every event: it is no history`);
  // State and events of this type come only from this very decider, through the store's own columns.
  return {
    contract,
    ...(history && { history }),
    unique: unique.map(({ name, of }) => ({ name, of: (state) => of(state as State) })),
    decide: (state, command) => decider.decide(state as State | undefined, command),
    evolve: (state, event) => decider.evolve(state as State | undefined, event as Event),
    isDeletion: (event) => decider.isDeletion(event as Event),
  };
}

export interface CommandRequest<Command = unknown> {
  readonly entity: EntityType<Command>;
  readonly key: string;
  readonly command: Command;
  /** What was asked, when the command holds more: a time that was filled in. Default the command. */
  readonly asked?: unknown;
  /** Given again with the same, the first answer is given again and nothing is executed. */
  readonly commandId?: string;
  /** Must hold of the entity's version, or nothing is executed. */
  readonly condition?: VersionCondition;
  /** A UUID by which it can be asked what became of it, unless it is refused. */
  readonly operationId?: string;
  /** Who is told when the operation is published. Only with an operation. */
  readonly callbackUrl?: string;
  readonly provenance: Provenance;
}

/**
 * `repeated`: the answer of an earlier execution of the same command id. `mismatched`: the condition does not hold, `version`
 * is the entity's present one, undefined when there is no such entity. `reused`: the command id was used before, for
 * something else.
 */
export type CommandOutcome =
  | {
      readonly kind: 'accepted';
      readonly key: string;
      readonly version: number;
      readonly events: readonly string[];
      /** True when the entity did not exist before. */
      readonly created: boolean;
      readonly repeated: boolean;
    }
  | { readonly kind: 'unchanged'; readonly key: string; readonly version: number; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly key: string; readonly refusal: Refusal; readonly repeated: boolean }
  | {
      readonly kind: 'mismatched';
      readonly key: string;
      readonly version: number | undefined;
      readonly repeated: boolean;
    }
  | { readonly kind: 'reused'; readonly key: string; readonly repeated: false };

/** The outcome of a command that was executed, whether or not it changed anything. */
export type ExecutedOutcome = Extract<CommandOutcome, { kind: 'accepted' | 'unchanged' }>;

export function isExecuted(outcome: CommandOutcome): outcome is ExecutedOutcome {
  return outcome.kind === 'accepted' || outcome.kind === 'unchanged';
}

/** Where the records of an entity are: a `topic/partition` in each of its streams. */
export function partitionsOf(
  { contract, history }: Pick<EntityType<never>, 'contract' | 'history'>,
  key: string,
): string[] {
  return [contract, ...(history ? [history] : [])].map(({ topic, partitions }) =>
    partitionId({ topic, partition: partitionOf(key, partitions) }),
  );
}
