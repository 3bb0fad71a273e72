import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { feedView } from '@reprise/view-store/contract';
import { sample } from '../test/sample.js';
import { templateView } from './definition.js';
import type { Page } from './page.js';
import { TemplateViewQueries } from './postgres/queries.js';
import { templateViewStore } from './postgres/store.js';

const store = templateViewStore(testConnections().postgresUrl);
const queries = new TemplateViewQueries(store);
const generation = uniqueName('gen');

const keys = ['a', 'b', 'c', 'd', 'e'];
const entity = (key: string) => ({ ...sample, faa: key });
const keysOf = ({ rows }: Page): string[] => rows.map(({ faa }) => faa);

async function feed(
  told: readonly string[],
  { version, state }: { version: number; state: typeof entity | null },
): Promise<void> {
  const records = told.map((key) => ({ key, version, state: state && state(key) }));
  await feedView(store.generation(generation), templateView, { records });
}

beforeAll(async () => {
  await feed([...keys, 'gone'], { version: 1, state: entity });
  await feed(['gone'], { version: 2, state: null });
});
afterAll(async () => {
  await store.generation(generation).drop();
  await store.stop();
});

describe('the queries of template-view', () => {
  test.each([1, 2, 5, 1_000])('pages of %i show each row once, in order', async (limit) => {
    const shown: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await queries.page(generation, { limit, cursor });
      expect(page.rows.length).toBeLessThanOrEqual(limit);
      shown.push(...keysOf(page));
      cursor = page.cursor;
    }
    expect(shown).toEqual(keys);
  });

  test('a row is found by its key', async () => {
    expect(await queries.find(generation, 'c')).toEqual(entity('c'));
  });

  test.each(['gone', 'never'])('there is no row %s', async (key) => {
    expect(await queries.find(generation, key)).toBeUndefined();
  });
});
