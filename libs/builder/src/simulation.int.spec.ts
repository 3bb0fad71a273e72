import { afterEach, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import type { GenerationStore, ViewStore } from '@reprise/view-store';
import { ElasticsearchViewStore } from '@reprise/view-store-elasticsearch';
import { PostgresViewStore } from '@reprise/view-store-postgres';
import { RedisViewStore } from '@reprise/view-store-redis';
import { simulate } from '../test/simulation/simulate.js';
import { parseSimRow, type SimRow } from '../test/simulation/world.js';

const parseRow = parseSimRow;
const stores: readonly {
  readonly name: string;
  readonly open: () => ViewStore<SimRow>;
  readonly groups: boolean;
  readonly interleavings: number;
}[] = [
  {
    name: 'Postgres',
    open: () =>
      new PostgresViewStore({
        connectionString: testConnections().postgresUrl,
        layout: {
          parseRow,
          groups: {
            columns: { label: 'text' },
            measures: ['things', 'size'],
            extremes: ['size'],
            indexes: [],
          },
        },
      }),
    groups: true,
    interleavings: 40,
  },
  {
    name: 'Redis',
    open: () =>
      new RedisViewStore({
        url: testConnections().redisUrl,
        layout: { parseRow, indexes: ({ label, size }) => [{ index: label ?? '', score: size }] },
      }),
    groups: false,
    interleavings: 100,
  },
  {
    name: 'Elasticsearch',
    open: () =>
      new ElasticsearchViewStore({
        node: testConnections().elasticsearchUrl,
        layout: {
          parseRow,
          // What is folded grows beyond 32 bits.
          properties: { version: { type: 'integer' }, size: { type: 'double' }, label: { type: 'keyword' } },
        },
      }),
    groups: false,
    interleavings: 10,
  },
];

describe('the whole engine under random interleavings, on a real store', () => {
  const opened: GenerationStore<SimRow>[] = [];
  let store: ViewStore<SimRow> | undefined;

  afterEach(async () => {
    for (const generation of opened.splice(0)) await generation.drop();
    await store?.stop();
  });

  test.each(stores)(
    '$name ends as what the log says ($interleavings interleavings)',
    async ({ open, groups, interleavings }) => {
      const made = open();
      store = made;
      const makeStore = (number: number): GenerationStore<SimRow> => {
        const generation = made.generation(uniqueName(`sim${number}`));
        opened.push(generation);
        return generation;
      };
      await simulate(interleavings, { first: 2_000_001, makeStore, groups });
      expect(opened.length).toBeGreaterThan(0);
    },
    600_000,
  );
});
