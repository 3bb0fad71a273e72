import { describe, expect, test } from '@jest/globals';
import type { Positions } from '@reprise/kernel';
import { row, share, type Contribution } from '@reprise/view';
import { extended, type Extent, type GenerationScan, type ScannedItem } from '@reprise/view-store';
import fc from 'fast-check';
import type { Side } from './sides.js';
import { Verifier, type Findings } from './verifier.js';

type Contents = Readonly<Record<string, readonly Contribution<unknown>[]>>;

const ends: Positions = new Map([['t/0', 10n]]);

function logOf(contents: () => Contents, unsettled: readonly string[] = []): Side {
  return {
    visit: (visitor) => {
      for (const [key, contributions] of Object.entries(contents())) {
        visitor.entity({ key, version: 1, state: {}, partition: 't/0' });
        for (const contribution of contributions) {
          if (contribution.kind === 'row')
            visitor.row(key, contribution.key, JSON.stringify(contribution.row));
          else visitor.share(contribution);
        }
      }
      for (const key of unsettled) visitor.unsettled(key);
      return Promise.resolve();
    },
  };
}

let asked = 0;

/** A store that holds these items, in pages of two; every other time it is asked, it is not yet with the joined stream. */
function storeOf(items: () => readonly ScannedItem[], exact: Positions | undefined = ends) {
  return {
    positions: () => {
      asked += 1;
      return Promise.resolve(new Map([...ends, ['joined/0', asked % 2 === 0 ? 3n : 2n] as const]));
    },
    scan: <Result>(work: (scan: GenerationScan) => Promise<Result>): Promise<Result> =>
      work({ exact, pages: pagesOf(items()) }),
  };
}

async function* pagesOf(items: readonly ScannedItem[]): AsyncIterable<readonly ScannedItem[]> {
  for (let from = 0; from < items.length; from += 2) yield await Promise.resolve(items.slice(from, from + 2));
}

const stored = (contents: Contents): ScannedItem[] =>
  Object.entries(contents).flatMap(([entity, contributions]) =>
    contributions.flatMap((contribution): ScannedItem[] =>
      contribution.kind === 'row'
        ? [{ kind: 'row', entity, key: contribution.key, text: JSON.stringify(contribution.row) }]
        : [],
    ),
  );

function check(
  expected: Side,
  store: ReturnType<typeof storeOf>,
  {
    maxEntities = 1_000,
    setAside = [],
    joinedEnd = () => 3n,
  }: { maxEntities?: number; setAside?: readonly string[]; joinedEnd?: () => bigint } = {},
): Promise<Findings> {
  return new Verifier({
    expected,
    store,
    ends: () => Promise.resolve(ends),
    joined: () => Promise.resolve(new Map([['joined/0', joinedEnd()]])),
    isSetAside: (entity) => setAside.includes(entity),
    maxEntities,
    onPhase: () => undefined,
    pause: () => Promise.resolve(),
    nowMs: () => 0,
  }).run();
}

const rowsOf = (findings: Findings): unknown[] =>
  findings.entities.flatMap(({ entity, rows }) =>
    rows.map(({ key, expected, actual }) => [entity, key, expected ?? null, actual ?? null]),
  );

describe('a verifier', () => {
  const contents = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    fc
      .uniqueArray(fc.constantFrom('k', 'l', 'm'), { maxLength: 3 })
      .chain((keys) => fc.tuple(...keys.map((key) => fc.nat({ max: 2 }).map((size) => row(key, { size }))))),
  );

  test('finds exactly the rows that are not the same, however few entities are held at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        contents,
        fc.integer({ min: 1, max: 4 }),
        async (wanted, held, maxEntities) => {
          const found = await check(
            logOf(() => wanted),
            storeOf(() => stored(held)),
            { maxEntities },
          );
          const [left, right] = [texts(stored(wanted)), texts(stored(held))];
          const differing = [...new Set([...left.keys(), ...right.keys()])]
            .filter((id) => left.get(id) !== right.get(id))
            .map((id) => [...(JSON.parse(id) as string[]), left.get(id) ?? null, right.get(id) ?? null]);
          expect(rowsOf(found).sort()).toEqual(differing.sort());
          expect(found.differences).toBe(differing.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('lists groups whose sums or extremes are wrong, missing or too many', async () => {
    const wanted = { a: [share({ at: 'JFK' }, { n: 1 }, { size: 4 })], b: [share({ at: 'LGA' }, { n: 1 })] };
    const group = (at: string, n: number, extremes = {}): ScannedItem => ({
      kind: 'group',
      group: { at },
      measures: { n },
      extremes,
    });
    const size = extended(undefined, 4);
    const right = [group('JFK', 1, { size }), group('LGA', 1), group('EWR', 0)];
    expect(
      (
        await check(
          logOf(() => wanted),
          storeOf(() => right),
        )
      ).groups,
    ).toEqual([]);
    const wrong = [group('JFK', 1, { size: { ...size, greatest: 5 } }), group('EWR', 2)];
    const { groups } = await check(
      logOf(() => wanted),
      storeOf(() => wrong),
    );
    expect(groups.map(({ group: { at } }) => at).sort()).toEqual(['EWR', 'JFK', 'LGA']);
  });

  test('tells what the values of a group lack, also where its least, its greatest and their number are right', async () => {
    const log = logOf(() => ({ a: [of(1)], b: [of(3)], c: [of(4)], d: [of(6)] }));
    const of = (size: number) => share({ at: 'JFK' }, { n: 1 }, { size });
    const held = [1, 2, 5, 6];
    const size = held.reduce<Extent | undefined>((known, value) => extended(known, value), undefined);
    const store = storeOf(() => [
      { kind: 'group', group: { at: 'JFK' }, measures: { n: 4 }, extremes: size ? { size } : {} },
    ]);
    const values = held.map((value) => ({ measure: 'size', value, count: 1 }));
    const found = await check(log, {
      ...store,
      scan: (work) => store.scan((scan) => work({ ...scan, values: () => Promise.resolve([values]) })),
    });
    const lacking = found.groups[0]?.values.map(({ value, count }) => [value, count]) ?? [];
    expect(lacking.sort()).toEqual([
      [2, -1],
      [3, 1],
      [4, 1],
      [5, -1],
    ]);
  });

  test('does not count what only one of two looks finds, where the store cannot say how far it is', async () => {
    let looks = 0;
    const moving = storeOf(() => {
      looks += 1;
      return stored({ a: [row('k', looks)], b: [row('k', 'wrong')] });
    }, undefined);
    const wanted = (): Contents => ({ a: [row('k', looks + 1)], b: [row('k', 'right')] });
    expect(rowsOf(await check(logOf(wanted), moving))).toEqual([['b', 'k', '"right"', '"wrong"']]);
  });

  test('does not count what two looks find while a joined stream moves, and a third does not', async () => {
    // The store is behind us at the first look, before us at the second, and where we are at the third.
    const [ours, theirs] = [
      ['B', 'B', 'C', 'C'],
      ['A', 'C', 'C', 'C'],
    ];
    const view = (name = 'C'): Contents => ({
      a: [row('k', { name }), share({ name }, { things: 1 }, {})],
    });
    const group = (name = 'C'): ScannedItem => ({
      kind: 'group',
      group: { name },
      measures: { things: 1 },
      extremes: {},
    });
    let [looks, scans, moves] = [0, 0, 0];
    const found = await check(
      logOf(() => view(ours[looks++])),
      storeOf(() => {
        const name = theirs[scans++];
        return [...stored(view(name)), group(name)];
      }),
      // It moves during the first two looks: asked before and after each.
      { joinedEnd: () => [0n, 1n, 1n, 2n][moves++] ?? 2n },
    );
    expect(found).toMatchObject({ differences: 0, groups: [], entities: [] });
    expect(looks).toBeGreaterThan(2);
  });

  test('counts what every look finds, though a joined stream never stands still', async () => {
    let moves = 0n;
    const found = await check(
      logOf(() => ({ a: [row('k', { size: 1 })] })),
      storeOf(() => stored({ a: [row('k', { size: 2 })] })),
      { joinedEnd: () => (moves += 1n) % 2n },
    );
    expect(rowsOf(found)).toEqual([['a', 'k', '{"size":1}', '{"size":2}']]);
  });

  test('leaves out entities with dead letters, and those that the log does not settle', async () => {
    const held = storeOf(() => stored({ a: [row('k', 'old')], b: [row('k', 'old')], c: [row('k', 'old')] }));
    const log = logOf(() => ({ a: [row('k', 'new')], c: [row('k', 'new')] }), ['b']);
    expect(rowsOf(await check(log, held, { setAside: ['a'] }))).toEqual([['c', 'k', '"new"', '"old"']]);
  });

  test('takes rows that a scan meets twice for one', async () => {
    const twice = (): ScannedItem[] => [...stored({ a: [row('k', 1)] }), ...stored({ a: [row('k', 1)] })];
    expect(
      (
        await check(
          logOf(() => ({ a: [row('k', 1)] })),
          storeOf(twice, undefined),
        )
      ).differences,
    ).toBe(0);
  });
});

function texts(items: readonly ScannedItem[]): Map<string, string> {
  return new Map(
    items.flatMap((item) =>
      item.kind === 'row' ? [[JSON.stringify([item.entity, item.key]), item.text]] : [],
    ),
  );
}
