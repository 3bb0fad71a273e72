import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import fc from 'fast-check';
import { tallyEntity } from '../test/tally.js';
import { openWriteSide, type WriteSide } from '../test/write-side.js';
import { CommandStore } from './command-store.js';
import type { CommandRequest } from './entity.js';

let side: WriteSide;

beforeAll(async () => {
  side = await openWriteSide();
});
afterAll(() => side.stop());

const times = <Made>(count: number, make: (place: number) => Made): Made[] =>
  Array.from({ length: count }, (_, place) => make(place));

async function kindsOf(...requests: readonly CommandRequest[]): Promise<string[]> {
  return (await side.execute(...requests)).map(({ kind }) => kind);
}

/** Value and holder of everything that is claimed, and of everything that should be. */
async function claims(): Promise<{ claimed: unknown[]; held: unknown[] }> {
  const claimed = await side.pool.query('SELECT value, key FROM claim ORDER BY value, key');
  const held = await side.pool.query(
    `SELECT lower(state->>'note') AS value, key FROM entity WHERE state->>'note' IS NOT NULL ORDER BY value, key`,
  );
  return { claimed: claimed.rows, held: held.rows };
}

describe('a value that one entity may have at a time', () => {
  test('is refused to another one, which is told who has it', async () => {
    const [first, second, note] = [uniqueName('k'), uniqueName('k'), uniqueName('note')];
    await side.execute(side.requests.label(first, note));
    const depth = await side.store.outboxDepth();
    const [refused] = await side.execute(side.requests.label(second, note.toUpperCase()));
    expect(refused).toMatchObject({
      kind: 'refused',
      refusal: { kind: 'conflict', code: 'tally-note-taken', detail: expect.stringContaining(first) },
    });
    expect(await side.store.read(side.entity, second)).toBeUndefined();
    expect(await side.store.outboxDepth()).toBe(depth);
  });

  test('stays with its entity through other changes', async () => {
    const [first, second, note] = [uniqueName('k'), uniqueName('k'), uniqueName('note')];
    await side.execute(side.requests.label(first, note));
    expect(await kindsOf(side.requests.add(first, 1), side.requests.label(first, note))).toEqual([
      'accepted',
      'accepted',
    ]);
    expect(await kindsOf(side.requests.label(second, note))).toEqual(['refused']);
  });

  test.each([
    ['is changed', (key: string) => side.requests.label(key, uniqueName('note'))],
    ['is given up', (key: string) => side.requests.label(key, null)],
    ['goes with its entity', (key: string) => side.requests.close(key)],
  ])('is free for another one when it %s', async (_how, leave) => {
    const [first, second, note] = [uniqueName('k'), uniqueName('k'), uniqueName('note')];
    await side.execute(side.requests.label(first, note));
    await side.execute(leave(first));
    expect(await kindsOf(side.requests.label(second, note))).toEqual(['accepted']);
  });

  test('goes from one to another within one batch, and not before the first gave it up', async () => {
    const [first, second, note] = [uniqueName('k'), uniqueName('k'), uniqueName('note')];
    await side.execute(side.requests.label(first, note));
    expect(
      await kindsOf(
        side.requests.label(second, note),
        side.requests.label(first, uniqueName('note')),
        side.requests.label(second, note),
        side.requests.label(first, note),
      ),
    ).toEqual(['refused', 'accepted', 'accepted', 'refused']);
  });

  test('is had by exactly one of many that want it at once', async () => {
    const others = await Promise.all(times(2, () => side.instance(uniqueName('rival'))));
    for (const note of times(10, () => uniqueName('note'))) {
      const keys = times(12, () => uniqueName('k'));
      const outcomes = await Promise.all(
        keys.map((key, place) =>
          ([side.store, ...others][place % 3] ?? side.store).execute([side.requests.label(key, note)]),
        ),
      );
      const kinds = outcomes.flat().map(({ kind }) => kind);
      expect(kinds.sort()).toEqual(['accepted', ...times(11, () => 'refused')]);
    }
  });

  test('is claimed by who has it and by nobody else, whatever happens at once', async () => {
    const keys = times(5, () => uniqueName('k'));
    const notes = times(3, () => uniqueName('note'));
    const command = fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...notes, null, 'close' as const));
    const batch = fc.array(command, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 6 }), async (batches) => {
        await Promise.all(
          batches.map((commands) =>
            side.execute(
              ...commands.map(([key, note]) =>
                note === 'close' ? side.requests.close(key) : side.requests.label(key, note),
              ),
            ),
          ),
        );
        const { claimed, held } = await claims();
        expect(claimed).toEqual(held);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a rule that is new', () => {
  async function withRules(unique?: Parameters<typeof tallyEntity>[1]): Promise<CommandStore> {
    const { log, contract } = side;
    const entities = [tallyEntity(contract, unique)];
    const clock = { nowMs: () => 0 };
    const { connectionString } = side;
    return new CommandStore({ connectionString, source: '/suite', entities, log, clock });
  }
  const evenCount = { name: 'tally-count', of: ({ count }: { count: number }) => String(count) };

  test('is refused as long as entities break it, and in force for those that are there when none does', async () => {
    const keys = times(2, () => uniqueName('k'));
    await side.pool.query("UPDATE entity SET state = NULL WHERE stream = 'tally'");
    await side.pool.query('DELETE FROM claim');
    await side.execute(...keys.map((key) => side.requests.add(key, 40)));
    const strict = await withRules([evenCount]);
    await expect(strict.start()).rejects.toMatchObject({
      code: 'rule-violated',
      message: expect.stringMatching(new RegExp(`${keys[0]}|${keys[1]}`)),
    });
    expect((await side.pool.query('SELECT FROM claim')).rowCount).toBe(0);
    await side.execute(side.requests.add(keys[0]!, 2));
    await strict.start();
    const { label, add } = side.requests;
    const rule = tallyEntity(side.contract, [evenCount]);
    const outcomes = await strict.execute(
      [add(uniqueName('k'), 42), add(uniqueName('k'), 43), label(keys[1]!, null)].map((request) => ({
        ...request,
        entity: rule,
      })),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'accepted', 'accepted']);
    await strict.stop();
  });
});
