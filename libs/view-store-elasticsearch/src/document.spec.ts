import { describe, expect, test } from '@jest/globals';
import { newestPerEntity, planChanges, row, share, type Contributed } from '@reprise/view';
import { entityWrites, ledgerId, parseLedger, rowId } from './document.js';

interface Entity {
  readonly keys: readonly string[];
}

const view = {
  project: (entity: unknown) => (entity as Entity).keys.map((key) => row(key, { key })),
};

function writes(keys: readonly string[] | null, prior?: Contributed) {
  const newest = newestPerEntity([{ key: 'e', version: 2, state: keys === null ? null : { keys } }]);
  const [first] = entityWrites(planChanges(view, newest, new Map(prior ? [['e', prior]] : [])));
  return first;
}

describe('what a batch writes for one entity', () => {
  test('is a single document when its row has the key of the entity', () => {
    expect(writes(['e'])).toEqual({
      entity: 'e',
      version: 2,
      intent: undefined,
      rows: [],
      ledger: { kind: 'row', entity: 'e', key: 'e', row: { key: 'e' }, ledger: { version: 2, rows: ['e'] } },
    });
  });

  test('announces rows that come, together with those that go, before any is written', () => {
    const found = writes(['b'], { version: 1, rows: ['a'], groups: [] });
    expect(found?.intent).toEqual({ kind: 'ledger', entity: 'e', ledger: { version: 2, rows: ['a', 'b'] } });
    expect(found?.rows).toEqual([
      { kind: 'removed', entity: 'e', key: 'a' },
      { kind: 'row', entity: 'e', key: 'b', row: { key: 'b' } },
    ]);
    expect(found?.ledger).toEqual({ kind: 'ledger', entity: 'e', ledger: { version: 2, rows: ['b'] } });
  });

  test('keeps the ledger of an entity that is gone, without a row', () => {
    const found = writes(null, { version: 1, rows: ['e', 'a'], groups: [] });
    expect(found?.ledger).toEqual({ kind: 'ledger', entity: 'e', ledger: { version: 2, rows: [] } });
    expect(found?.rows).toEqual([{ kind: 'removed', entity: 'e', key: 'a' }]);
    expect(found?.intent).toBeUndefined();
  });

  test('is refused when the view contributes to groups', () => {
    const grouped = { project: () => [share({ route: 'x' }, { flights: 1 })] };
    const planned = planChanges(grouped, newestPerEntity([{ key: 'e', version: 1, state: {} }]), new Map());
    expect(() => entityWrites(planned)).toThrow(
      expect.objectContaining({
        code: 'groups-unsupported',
        decision: 'stop',
        message: expect.stringContaining('rows only'),
      }),
    );
  });
});

describe('the id of a document', () => {
  test('is the key of the entity', () => {
    expect(ledgerId('2013-01-01-UA1545-EWR')).toBe('2013-01-01-UA1545-EWR');
  });

  test('differs for every pair of entity and key, also when they hold the separator, are empty or too long', () => {
    const long = 'x'.repeat(600);
    const names = [
      '',
      'a',
      'b',
      'a\u0000b',
      '\u0000',
      '\u0000b',
      long,
      `${long}y`,
      'é'.repeat(256),
      'é'.repeat(257),
    ];
    const ids = [
      ...names.map(ledgerId),
      ...names.flatMap((entity) => names.map((key) => rowId(entity, key))),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(Buffer.byteLength(id)).toBeLessThanOrEqual(512);
    expect(ids).not.toContain('');
  });
});

test('a document without a ledger of ours is not taken for one', () => {
  expect(() => parseLedger({ ledger: { version: '1', rows: [] } })).toThrow(/not a ledger/);
  expect(() => parseLedger(undefined)).toThrow(/not a ledger/);
});
