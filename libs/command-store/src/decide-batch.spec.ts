import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tallyContract, tallyEntity, tallyLimit, tallyRequests } from '../test/tally.js';
import { decideBatch, type BatchBasis } from './decide-batch.js';
import type { CommandOutcome, CommandRequest } from './entity.js';
import { fingerprintOf } from './fingerprint.js';
import type { EntityRow } from './sql/entities.js';

const nowMs = 1_357_034_400_000;
const { add, twice, close } = tallyRequests(tallyEntity(tallyContract('suite.tally')));
const nothing: BatchBasis = { entities: [], repeats: new Map(), holders: new Map() };
const standing = (key: string, version: number, count: number | null): EntityRow => ({
  stream: 'tally',
  key,
  version,
  state: count === null ? null : { id: key, count, note: null },
});

const decide = (requests: readonly CommandRequest[], entities: readonly EntityRow[] = []) =>
  decideBatch(requests, { ...nothing, entities }, nowMs);

describe('deciding a batch', () => {
  test('each command meets the state that the ones before it left', () => {
    const { outcomes, events, changed } = decide([add('a', 3), add('a', 4)], [standing('a', 7, 10)]);
    expect(outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.version)).toEqual([8, 9]);
    expect(events.map(({ envelope }) => envelope.state)).toEqual([
      { id: 'a', count: 13, note: null },
      { id: 'a', count: 17, note: null },
    ]);
    expect(changed).toEqual([standing('a', 9, 17)]);
  });

  test('a refusal undoes nothing but itself', () => {
    const { outcomes, events, changed } = decide([
      add('a', 1),
      add('a', tallyLimit),
      close('b'),
      add('a', 1),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'refused', 'refused', 'accepted']);
    expect(outcomes[1]).toMatchObject({
      key: 'a',
      refusal: { kind: 'conflict', code: 'too-much' },
      repeated: false,
    });
    expect(events).toHaveLength(2);
    expect(changed).toEqual([standing('a', 2, 2)]);
  });

  test('an entity is created when it was not there, or not any more', () => {
    const { outcomes } = decide([add('a', 1), add('a', 1), close('a'), add('a', 1)]);
    expect(outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.created)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test('a command that changes nothing makes no event and no new version', () => {
    const { outcomes, events, changed } = decide([add('a', 0)], [standing('a', 4, 1)]);
    expect(outcomes).toEqual([{ kind: 'unchanged', key: 'a', version: 4, repeated: false }]);
    expect([events, changed]).toEqual([[], []]);
  });

  test('several events of one command get a version each', () => {
    const { outcomes, events } = decide([twice('a')]);
    expect(outcomes[0]).toEqual({
      kind: 'accepted',
      key: 'a',
      version: 2,
      events: ['TallyRaised', 'TallyRaised'],
      created: true,
      repeated: false,
    });
    expect(events.map(({ envelope }) => envelope.version)).toEqual([1, 2]);
  });

  test('an event names the fields that it changed, all that are not null for a new entity', () => {
    const { events } = decide([add('a', 3), add('a', 4)]);
    expect(events.map(({ envelope }) => envelope.changed)).toEqual([['id', 'count'], ['count']]);
    expect(events.map(({ envelope }) => envelope.occurredAt)).toEqual([nowMs, nowMs]);
  });

  test('a deletion carries the final state, and the versions go on after it', () => {
    const { events, changed } = decide([close('a'), add('a', 2)], [standing('a', 3, 9)]);
    expect(events[0]?.envelope).toMatchObject({
      event: 'TallyClosed',
      version: 4,
      deleted: true,
      state: { count: 9 },
    });
    expect(events[1]?.envelope).toMatchObject({
      version: 5,
      deleted: false,
      state: { count: 2 },
      changed: ['id', 'count'],
    });
    expect(changed).toEqual([standing('a', 5, 2)]);
  });

  test('an entity that is gone after the batch keeps its version and no state', () => {
    expect(decide([close('a')], [standing('a', 3, 9)]).changed).toEqual([standing('a', 4, null)]);
  });

  test('a key may hold what separates stream from key', () => {
    expect(decide([add('a/b/c', 1)]).changed).toEqual([standing('a/b/c', 1, 1)]);
  });
});

describe('command ids', () => {
  test('one that was executed before is answered as then, and does nothing', () => {
    const before: CommandOutcome = {
      kind: 'accepted',
      key: 'a',
      version: 1,
      events: ['TallyRaised'],
      created: true,
      repeated: true,
    };
    const { outcomes, events, changed } = decideBatch(
      [add('a', 5, 'c1')],
      {
        ...nothing,
        repeats: new Map([['c1', { outcome: before, fingerprint: fingerprintOf(add('a', 5)) }]]),
      },
      nowMs,
    );
    expect(outcomes).toEqual([before]);
    expect([events, changed]).toEqual([[], []]);
  });

  test.each([
    ['another command', add('a', 6, 'c1')],
    ['another entity', add('b', 5, 'c1')],
  ])('one that was executed before is refused for %s', (_what, request) => {
    const { outcomes, events } = decide([add('a', 5, 'c1'), request, add('a', 5, 'c1')]);
    expect(outcomes.map(({ kind, repeated }) => [kind, repeated])).toEqual([
      ['accepted', false],
      ['reused', false],
      ['accepted', true],
    ]);
    expect(events).toHaveLength(1);
  });

  test('one of which only the answer was kept is told by its key', () => {
    const first = decide([add('a', 5)]).outcomes[0]!;
    const repeats = new Map([['c1', { outcome: first, fingerprint: undefined }]]);
    const { outcomes } = decideBatch([add('a', 6, 'c1'), add('b', 5, 'c1')], { ...nothing, repeats }, nowMs);
    expect(outcomes).toEqual([
      { ...first, repeated: true },
      { kind: 'reused', key: 'b', repeated: false },
    ]);
  });

  test('one that comes twice in a batch is executed once, also when it was refused', () => {
    const { outcomes, events } = decide([
      add('a', 5, 'c1'),
      add('a', 5, 'c1'),
      close('b', 'c2'),
      add('b', 1),
      close('b', 'c2'),
    ]);
    expect(outcomes.map(({ kind, repeated }) => [kind, repeated])).toEqual([
      ['accepted', false],
      ['accepted', true],
      ['refused', false],
      ['accepted', false],
      ['refused', true],
    ]);
    expect(events).toHaveLength(2);
  });
});

describe('a condition', () => {
  test('is held against the version that the commands before left', () => {
    const { outcomes } = decide(
      [
        { ...add('a', 1), condition: { match: [7] } },
        { ...add('a', 1), condition: { match: [7] } },
        { ...add('a', 1), condition: { match: [8] } },
      ],
      [standing('a', 7, 1)],
    );
    expect(outcomes).toMatchObject([
      { kind: 'accepted', version: 8 },
      { kind: 'mismatched', key: 'a', version: 8, repeated: false },
      { kind: 'accepted', version: 9 },
    ]);
  });

  test('that does not hold leaves everything as it was, also before a refusal', () => {
    const { outcomes, events, changed } = decide([{ ...close('a'), condition: { match: 'any' } }]);
    expect(outcomes).toEqual([{ kind: 'mismatched', key: 'a', version: undefined, repeated: false }]);
    expect([events, changed]).toEqual([[], []]);
  });

  test('knows no version of an entity that was deleted', () => {
    const gone = [standing('a', 4, null)];
    expect(decide([{ ...add('a', 1), condition: { match: [4] } }], gone).outcomes).toMatchObject([
      { kind: 'mismatched', version: undefined },
    ]);
    expect(decide([{ ...add('a', 1), condition: { noneMatch: 'any' } }], gone).outcomes).toMatchObject([
      { kind: 'accepted', version: 5 },
    ]);
  });

  test('is part of the first answer to a command id', () => {
    const request = { ...add('a', 1, 'c1'), condition: { match: [1] } };
    const { outcomes } = decide([request, add('a', 1), request]);
    expect(outcomes.map(({ kind, repeated }) => [kind, repeated])).toEqual([
      ['mismatched', false],
      ['accepted', false],
      ['mismatched', true],
    ]);
  });
});

test('deciding in one batch or one by one comes to the same', () => {
  const command = fc.tuple(
    fc.constantFrom('a', 'b'),
    fc.constantFrom('add', 'twice', 'close', 'none', 'much'),
  );
  const requestOf = ([key, kind]: [string, string]): CommandRequest => {
    if (kind === 'twice') return twice(key);
    return kind === 'close'
      ? close(key)
      : add(key, kind === 'add' ? 3 : kind === 'none' ? 0 : tallyLimit + 1);
  };
  fc.assert(
    fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
      const requests = commands.map(requestOf);
      const whole = decide(requests);
      const stand = new Map<string, EntityRow>();
      const single = requests.map((request) => {
        const decided = decide([request], [...stand.values()]);
        for (const row of decided.changed) stand.set(row.key, row);
        return decided;
      });
      expect(whole.outcomes).toEqual(single.flatMap(({ outcomes }) => outcomes));
      expect(whole.events).toEqual(single.flatMap(({ events }) => events));
      expect(new Map(whole.changed.map((row) => [row.key, row]))).toEqual(stand);
    }),
  );
});
