import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import fc from 'fast-check';
import pg from 'pg';
import { PostgresViewStore, type PostgresLayout } from './index.js';

interface Everything {
  readonly label: string | null;
  readonly count: number | null;
  readonly at: number | null;
  readonly share: number | null;
  readonly open: boolean | null;
  readonly parts: unknown;
}

const layout: PostgresLayout<Everything> = {
  // What comes back is compared with what was written: nothing is to be made of it here.
  parseRow: (stored) => stored as Everything,
  rows: {
    columns: {
      label: 'text',
      count: 'integer',
      at: 'bigint',
      share: 'double precision',
      open: 'boolean',
      parts: 'json',
    },
    indexes: [['label', 'at']],
  },
};

const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\u0000', ''));
const rows = fc.record<Everything>({
  label: fc.option(fc.oneof(text, fc.constantFrom('\\N', '\\', '\t', '\n', '{}', ''))),
  count: fc.option(fc.integer()),
  at: fc.option(fc.maxSafeInteger()),
  share: fc.option(fc.double({ noDefaultInfinity: true, noNaN: true })),
  open: fc.option(fc.boolean()),
  parts: fc.option(fc.record({ of: fc.array(fc.integer()), say: fc.constantFrom('a\tb', '\\', 'é') })),
});

describe('Postgres: a column for each field', () => {
  let store: PostgresViewStore<Everything>;
  let admin: pg.Client;
  const partition = 'columns/0';

  beforeAll(async () => {
    const connectionString = testConnections().postgresUrl;
    store = new PostgresViewStore({ connectionString, layout });
    admin = new pg.Client({ connectionString });
    await admin.connect();
  });

  afterAll(async () => {
    await store.stop();
    await admin.end();
  });

  async function opened(load: boolean) {
    const name = uniqueName('gen');
    const generation = store.generation(name);
    await generation.open([partition], { load });
    return { name, generation, claim: await generation.claim(partition) };
  }

  const putting = (all: readonly Everything[]) => ({
    contributed: new Map(
      all.map((_, at) => [`e${at}`, { version: 1, rows: ['k'], groups: [], references: [], state: null }]),
    ),
    changes: all.map((row, at) => ({ kind: 'put', entity: `e${at}`, key: 'k', version: 1, row }) as const),
    links: [],
    nextOffset: 1n,
    references: new Map<string, bigint>(),
  });

  test('text that Postgres writes as JSON is what we write', async () => {
    const plain = new PostgresViewStore<Pick<Everything, 'label' | 'open' | 'parts'>>({
      connectionString: testConnections().postgresUrl,
      layout: {
        parseRow: (stored) => stored as Everything,
        rows: { columns: { label: 'text', open: 'boolean', parts: 'json' } },
      },
    });
    const generation = plain.generation(uniqueName('gen'));
    await generation.open([partition]);
    const claim = await generation.claim(partition);
    const all = fc.sample(rows, 300).map(({ label, open, parts }) => ({ label, open, parts }));
    all.push({
      label: String.fromCharCode(...Array.from({ length: 0x2100 }, (_, code) => code + 1)),
      open: true,
      parts: 0,
    });
    await generation.apply({ claim, ...putting(all as unknown as Everything[]) });
    const found = await generation.scan(async ({ pages }) => (await Array.fromAsync(pages)).flat());
    const texts = new Map(found.map((item) => (item.kind === 'row' ? [item.entity, item.text] : ['', ''])));
    expect(texts).toEqual(new Map(all.map((row, at) => [`e${at}`, generation.rowText(row)])));
    await generation.drop();
    await plain.stop();
  });

  test.each(['fed', 'loaded'])('every value comes back as it was written when it is %s', async (way) => {
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { minLength: 1, maxLength: 20 }), async (all) => {
        const { generation, claim } = await opened(way === 'loaded');
        if (way === 'loaded') {
          expect(await generation.load({ claim, loading: '', loadedTo: 1n, ...putting(all) })).toBe(
            'applied',
          );
          expect(await generation.finishLoad()).toEqual([]);
        } else expect(await generation.apply({ claim, ...putting(all) })).toBe('applied');
        const found = await generation.scan(async ({ pages }) => (await Array.fromAsync(pages)).flat());
        const texts = new Map(
          found.map((item) => (item.kind === 'row' ? [item.entity, item.text] : ['', ''])),
        );
        expect(texts).toEqual(new Map(all.map((row, at) => [`e${at}`, generation.rowText(row)])));
        expect(JSON.parse(texts.get('e0') ?? '')).toEqual(JSON.parse(JSON.stringify(all[0])));
        await generation.drop();
      }),
      { numRuns: 25 },
    );
  });

  const sound: Everything = { label: 'a', count: 1, at: 1, share: 0.5, open: true, parts: null };
  test.each([
    ['a number in a column of texts', { ...sound, label: 5 }],
    ['a fraction in a column of integers', { ...sound, count: 1.5 }],
    ['an object in a column of numbers', { ...sound, at: {} }],
    ['an integer that is out of range', { ...sound, count: 2 ** 40 }],
  ])('%s is refused, loaded or fed, and changes nothing', async (_, row) => {
    const { generation, claim } = await opened(true);
    const batch = putting([sound, row as unknown as Everything]);
    await expect(generation.load({ claim, loading: '', loadedTo: 1n, ...batch })).rejects.toMatchObject({
      code: 'row-refused',
    });
    const fed = await opened(false);
    await expect(fed.generation.apply({ claim: fed.claim, ...batch })).rejects.toMatchObject({
      code: 'row-refused',
    });
    for (const tried of [generation, fed.generation]) {
      expect(await Array.fromAsync(tried.contents())).toEqual([]);
      await tried.drop();
    }
  });

  test('the indexes of the layout are there once it is sealed, and go with it', async () => {
    const { name, generation } = await opened(false);
    await generation.seal();
    const indexes = async (): Promise<unknown[]> => {
      const { rows: found } = await admin.query<{ indexname: string }>(
        'SELECT indexname FROM pg_indexes WHERE tablename = $1 ORDER BY 1',
        [`${name}_rows`],
      );
      return found;
    };
    expect(await indexes()).toEqual([
      { indexname: `${name}_rows_label_at` },
      { indexname: `${name}_rows_pkey` },
    ]);
    await generation.drop();
    expect(await indexes()).toEqual([]);
  });

  test('a generation that was laid out by other code is refused with both layouts, and stays as it is', async () => {
    const { name, generation, claim } = await opened(false);
    await generation.apply({ claim, ...putting([sound]) });
    const connectionString = testConnections().postgresUrl;
    const other = new PostgresViewStore({ connectionString, layout: { parseRow: String } });
    await expect(other.generation(name).open([partition])).rejects.toMatchObject({
      code: 'layout-differs',
      message: expect.stringContaining('"content" json'),
    });
    await expect(other.generation(name).scan(() => Promise.resolve())).rejects.toMatchObject({
      code: 'layout-differs',
    });
    await other.stop();
    expect(await Array.fromAsync(generation.contents())).toHaveLength(1);
    await generation.drop();
  });

  test('a field by the name of a column of the store is refused at once', () => {
    const columns = { version: 'integer' } as const;
    const taken = new PostgresViewStore<{ version: number }>({
      connectionString: testConnections().postgresUrl,
      layout: { parseRow: () => ({ version: 1 }), rows: { columns } },
    });
    expect(() => taken.generation('taken_g1')).toThrow('column version');
    return taken.stop();
  });
});
