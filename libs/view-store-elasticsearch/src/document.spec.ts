import { describe, expect, test } from '@jest/globals';
import { newestPerEntity, planChanges, row, share, type Contributed, type Projector } from '@reprise/view';
import { entityWrites, ledgerId, loadMark, parseLedger, rowId } from './document.js';

interface Entity {
  readonly keys: readonly string[];
}

const view: Projector<{ key: string }> = {
  keepsState: false,
  referencesOf: () => [],
  project: (entity) => (entity as Entity).keys.map((key) => row(key, { key })),
};

const claim = { partition: 't/0' };

function writes(keys: readonly string[] | null, prior?: Pick<Contributed, 'version' | 'rows'>) {
  const newest = newestPerEntity([{ key: 'e', version: 2, state: keys === null ? null : { keys } }]);
  const known = prior && { groups: [], references: [], state: null, ...prior };
  const planned = planChanges(view, newest, new Map(known ? [['e', known]] : []));
  const [first] = entityWrites({ claim, ...planned }, () => prior?.version ?? 0);
  return first;
}

describe('what a batch writes for one entity', () => {
  test('is a single document when its row has the key of the entity', () => {
    expect(writes(['e'])).toEqual({
      entity: 'e',
      version: 2,
      revision: 1,
      intent: undefined,
      rows: [],
      ledger: {
        kind: 'row',
        entity: 'e',
        key: 'e',
        row: { key: 'e' },
        ledger: { version: 2, revision: 1, rows: ['e'] },
      },
    });
  });

  test('announces rows that come, together with those that go, before any is written', () => {
    const found = writes(['b'], { version: 1, rows: ['a'] });
    expect(found?.intent).toEqual({ entity: 'e', ledger: { revision: 2, rows: ['a', 'b'] } });
    expect(found?.rows).toEqual([
      { kind: 'removed', entity: 'e', key: 'a' },
      { kind: 'row', entity: 'e', key: 'b', row: { key: 'b' } },
    ]);
    expect(found?.ledger).toEqual({
      kind: 'ledger',
      entity: 'e',
      ledger: { version: 2, revision: 2, rows: ['b'] },
    });
  });

  test('keeps the ledger of an entity that is gone, without a row', () => {
    const found = writes(null, { version: 1, rows: ['e', 'a'] });
    expect(found?.ledger).toEqual({
      kind: 'ledger',
      entity: 'e',
      ledger: { version: 2, revision: 2, rows: [] },
    });
    expect(found?.rows).toEqual([{ kind: 'removed', entity: 'e', key: 'a' }]);
    expect(found?.intent?.ledger.rows).toEqual(['e', 'a']);
  });

  test('is refused when the view contributes to groups', () => {
    const grouped = { ...view, project: () => [share({ route: 'x' }, { flights: 1 })] };
    const planned = planChanges(grouped, newestPerEntity([{ key: 'e', version: 1, state: {} }]), new Map());
    expect(() => entityWrites({ claim, ...planned }, () => 0)).toThrow(
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

test('where the load of a longer stretch left its mark, that of a shorter one changes nothing', () => {
  const [longer, shorter] = [7n, 3n].map((end) => loadMark('t/0', end));
  expect(longer?.id).toBe(shorter?.id);
  expect(longer).toMatchObject({
    guard: { kind: 'not-newer', revision: 7 },
    source: { loadedTo: { 0: 7 } },
  });
  expect(loadMark('t/1', 7n).id).not.toBe(longer?.id);
});
