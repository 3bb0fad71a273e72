import { Client } from '@elastic/elasticsearch';
import { testConnections } from '@reprise/testing';
import type { ViewStore } from '@reprise/view-store';
import { ElasticsearchViewStore } from '@reprise/view-store-elasticsearch';
import { PostgresViewStore } from '@reprise/view-store-postgres';
import { RedisViewStore } from '@reprise/view-store-redis';
import { Redis } from 'ioredis';
import pg from 'pg';
import { parcelGroups, parseParcelRow, type ParcelRow } from './parcel-setting.js';

const parseRow = parseParcelRow;

/** A store, and a hand that reaches past it. */
export interface ParcelStore {
  readonly name: string;
  readonly groups: boolean;
  readonly open: () => ViewStore<ParcelRow>;
  /** Changes the row of entity `p1`, takes away that of `p2`, and spoils what there is beside rows. */
  readonly tamper: (generation: string) => Promise<void>;
  /** How many differences that comes to. */
  readonly spoilt: number;
  /** Names of all that the store holds of it. */
  readonly leftOf: (generation: string) => Promise<readonly unknown[]>;
}

export const parcelStores: readonly ParcelStore[] = [
  {
    name: 'Postgres',
    spoilt: 4,
    groups: true,
    open: () =>
      new PostgresViewStore({
        connectionString: testConnections().postgresUrl,
        layout: { parseRow, groups: parcelGroups },
      }),
    tamper: async (generation) => {
      const client = new pg.Client(testConnections().postgresUrl);
      await client.connect();
      await client.query(`UPDATE ${generation}_rows SET content = '{"weightGrams":-1}' WHERE entity = 'p1'`);
      await client.query(`DELETE FROM ${generation}_rows WHERE entity = 'p2'`);
      await client.query(`UPDATE ${generation}_groups SET parcels = parcels + 5 WHERE heavy = 'yes'`);
      const extremes = `${generation}_extremes`;
      await client.query(`UPDATE ${extremes} SET value = 1099 WHERE value = 99`);
      await client.query(`UPDATE ${extremes} SET entities = entities + 1 WHERE value = 70`);
      await client.query(`DELETE FROM ${extremes} WHERE value = 0`);
      await client.end();
    },
    leftOf: async (generation) => {
      const client = new pg.Client(testConnections().postgresUrl);
      await client.connect();
      const { rows } = await client.query<{ relname: string }>(
        'SELECT relname FROM pg_class WHERE starts_with(relname, $1)',
        [generation],
      );
      await client.end();
      return rows;
    },
  },
  {
    name: 'Redis',
    spoilt: 7,
    groups: false,
    open: () =>
      new RedisViewStore({
        url: testConnections().redisUrl,
        layout: {
          parseRow,
          indexes: ({ weightGrams }) => [{ index: 'weight', score: weightGrams }],
        },
      }),
    tamper: async (generation) => {
      const client = new Redis(testConnections().redisUrl);
      const rows = `{${generation}}:rows`;
      await client.hset(
        rows,
        JSON.stringify(['p1', 'p1']),
        JSON.stringify({ row: { weightGrams: -1 }, version: 1, indexes: [['weight', -1]] }),
      );
      const id = (entity: string): string => JSON.stringify([entity, entity]);
      const [weight, other] = [`{${generation}}:ix:weight`, `{${generation}}:ix:other`];
      await client.zadd(weight, -1, id('p1'));
      await client.hdel(rows, id('p2'));
      await client.zrem(weight, id('p2'), id('p10'));
      await client.zadd(weight, '7', id('p20'), '5', id('ghost'), '6', 'no id');
      await client.zadd(other, 30, id('p30'));
      client.disconnect();
    },
    leftOf: async (generation) => {
      const client = new Redis(testConnections().redisUrl);
      const keys = await client.keys(`*${generation}*`);
      client.disconnect();
      return keys;
    },
  },
  {
    name: 'Elasticsearch',
    spoilt: 2,
    groups: false,
    open: () =>
      new ElasticsearchViewStore({
        node: testConnections().elasticsearchUrl,
        layout: { parseRow, properties: { weightGrams: { type: 'integer' } } },
      }),
    tamper: async (generation) => {
      const client = new Client({ node: testConnections().elasticsearchUrl });
      await client.update({ index: generation, id: 'p1', doc: { row: { weightGrams: -1 } } });
      await client.delete({ index: generation, id: 'p2' });
      await client.close();
    },
    leftOf: async (generation) => {
      const client = new Client({ node: testConnections().elasticsearchUrl });
      const indices = await client.cat.indices({
        index: `${generation}*`,
        format: 'json',
        expand_wildcards: 'all',
      });
      const aliases = await client.cat.aliases({ name: `${generation}*`, format: 'json' });
      await client.close();
      return [...indices, ...aliases];
    },
  },
];
