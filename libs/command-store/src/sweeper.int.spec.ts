import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import { openWriteSide, type WriteSide } from '../test/write-side.js';
import { Sweeper } from './sweeper.js';

let side: WriteSide;

beforeAll(async () => {
  side = await openWriteSide();
});
afterAll(() => side.stop());

const times = <Made>(count: number, make: (place: number) => Made): Made[] =>
  Array.from({ length: count }, (_, place) => make(place));

describe('a command id', () => {
  test('is known for as long as it is kept', async () => {
    const { connectionString } = side;
    const [key, old, young] = [uniqueName('k'), uniqueName('c'), uniqueName('c')];
    await side.execute(side.requests.add(key, 1, old), side.requests.add(key, 1, young));
    await side.pool.query(
      "UPDATE command SET executed_at = now() - interval '8 days' WHERE command_id = $1",
      [old],
    );
    const sweeper = new Sweeper({ connectionString, commandsMs: 7 * 86_400_000, operationsMs: 1e12 });
    expect(await sweeper.sweep()).toBe(1);
    await sweeper.stop();
    const again = await side.execute(side.requests.add(key, 1, old), side.requests.add(key, 1, young));
    expect(again.map(({ repeated }) => repeated)).toEqual([false, true]);
  });

  test('is forgotten in small steps, while commands go on', async () => {
    const { connectionString } = side;
    await side.pool.query(
      `INSERT INTO command (command_id, outcome, executed_at)
       SELECT 'old-' || n, '{}', now() - interval '8 days' FROM generate_series(1, 3000) AS n`,
    );
    const sweepers = times(2, () => {
      return new Sweeper({ connectionString, commandsMs: 7 * 86_400_000, operationsMs: 1e12 });
    });
    const key = uniqueName('k');
    const [swept] = await Promise.all([
      Promise.all(sweepers.map((sweeper) => sweeper.sweep())),
      ...times(50, () => side.execute(side.requests.add(key, 1, uniqueName('c')))),
    ]);
    expect(swept.reduce((left, right) => left + right)).toBe(3_000);
    expect(await side.store.read(side.entity, key)).toMatchObject({ version: 50 });
    await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
  });
});
