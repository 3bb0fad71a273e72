import type { StreamContract } from '@reprise/contracts';
import { refuse, type Decider } from '@reprise/decider';
import type { UniqueRule } from '../src/claim-book.js';
import { defineEntity, type CommandRequest, type EntityType } from '../src/entity.js';

/** The entity of the tests: a count that may be raised, never above its limit, and closed. */
export interface Tally {
  readonly id: string;
  readonly count: number;
  readonly note: string | null;
}

export type TallyCommand =
  | { readonly kind: 'add'; readonly id: string; readonly amount: number }
  | { readonly kind: 'twice'; readonly id: string }
  | { readonly kind: 'label'; readonly id: string; readonly note: string | null }
  | { readonly kind: 'close' };

export interface TallyEvent {
  readonly event: 'TallyRaised' | 'TallyLabelled' | 'TallyClosed';
  readonly id: string;
  readonly amount: number;
  readonly note?: string | null;
}

export const tallyLimit = 1_000;

const decider: Decider<Tally, TallyCommand, TallyEvent> = {
  decide: (state, command) => {
    const raised = (id: string, amount: number): TallyEvent => ({ event: 'TallyRaised', id, amount });
    switch (command.kind) {
      case 'add':
        if (command.amount === 0) return [];
        if ((state?.count ?? 0) + command.amount > tallyLimit)
          return refuse('conflict', 'too-much', 'It is full.');
        return [raised(command.id, command.amount)];
      case 'twice':
        return [raised(command.id, 1), raised(command.id, 1)];
      case 'label':
        return [{ event: 'TallyLabelled', id: command.id, amount: 0, note: command.note }];
      case 'close':
        return state
          ? [{ event: 'TallyClosed', id: state.id, amount: 0 }]
          : refuse('not-found', 'no-tally', 'No such tally.');
    }
  },
  evolve: (state, { id, amount, note = state?.note ?? null }) => ({
    id,
    count: (state?.count ?? 0) + amount,
    note,
  }),
  isDeletion: ({ event }) => event === 'TallyClosed',
};

export function tallyContract(topic: string): StreamContract<Tally> {
  const state = {
    type: 'record',
    name: 'Tally',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'count', type: 'int' },
      { name: 'note', type: ['null', 'string'], default: null },
    ],
  };
  return {
    name: 'tally',
    topic,
    subject: `${topic}-value`,
    partitions: 2,
    retention: 'compacted',
    settings: { 'cleanup.policy': 'compact' },
    schema: {
      type: 'record',
      name: 'TallyEvent',
      namespace: topic,
      fields: [
        { name: 'event', type: 'string' },
        { name: 'version', type: 'long' },
        { name: 'occurredAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'changed', type: { type: 'array', items: 'string' }, default: [] },
        { name: 'deleted', type: 'boolean', default: false },
        { name: 'state', type: state },
      ],
    },
  };
}

/** Two tallies have two notes, unless they have none. */
export const tallyNote: UniqueRule<Tally> = {
  name: 'tally-note',
  of: ({ note }) => note?.toLowerCase(),
};

export function tallyEntity(
  contract: StreamContract<Tally>,
  unique: readonly UniqueRule<Tally>[] = [tallyNote],
): EntityType<TallyCommand> {
  return defineEntity({ contract, decider, unique });
}

export const provenance = { correlationId: 'c', causationId: 'k', actor: 'tester' };

/** Requests to one kind of tally. */
export function tallyRequests(entity: EntityType<TallyCommand>) {
  const request = (key: string, command: TallyCommand, commandId?: string): CommandRequest => ({
    entity,
    key,
    command,
    provenance,
    ...(commandId === undefined ? {} : { commandId }),
  });
  return {
    add: (key: string, amount: number, commandId?: string) =>
      request(key, { kind: 'add', id: key, amount }, commandId),
    twice: (key: string) => request(key, { kind: 'twice', id: key }),
    label: (key: string, note: string | null, commandId?: string) =>
      request(key, { kind: 'label', id: key, note }, commandId),
    close: (key: string, commandId?: string) => request(key, { kind: 'close' }, commandId),
  };
}
