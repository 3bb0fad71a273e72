import { testConnections } from '@reprise/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { arrayText } from './array-text.js';

let client: pg.Client;

beforeAll(async () => {
  client = new pg.Client({ connectionString: testConnections().postgresUrl });
  await client.connect();
});

afterAll(() => client.end());

async function back(elements: Parameters<typeof arrayText>[0], type: string): Promise<unknown> {
  const { rows } = await client.query<{ told: unknown }>(`SELECT to_json($1::${type}[]) AS told`, [
    arrayText(elements),
  ]);
  return rows[0]?.told;
}

// Postgres holds no character zero, and no half of a surrogate pair.
const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('"', '\\', ',', '{', '}', ' ', '\n', 'N'),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    ),
  })
  .map((made) => made.replaceAll('\u0000', ''));

test('any array of texts comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(text, fc.constantFrom(null, 'NULL', 'null', '')), { maxLength: 8 }),
      async (elements) => {
        expect(await back(elements, 'text')).toEqual(elements);
      },
    ),
  );
});

test('and so do numbers and truths', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.maxSafeInteger())),
      fc.array(fc.option(fc.boolean())),
      async (numbers, truths) => {
        expect(await back(numbers, 'bigint')).toEqual(numbers);
        expect(await back(truths, 'boolean')).toEqual(truths);
      },
    ),
  );
});
