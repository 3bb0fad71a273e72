import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import { openWriteSide, type WriteSide } from '../test/write-side.js';

let side: WriteSide;

beforeAll(async () => {
  side = await openWriteSide();
});
afterAll(() => side.stop());

/** As the tables were before commands had positions, conditions and claims. */
const earlier = `
  ALTER TABLE entity DROP COLUMN records;
  ALTER TABLE command DROP COLUMN fingerprint, DROP COLUMN operation_id;
  ALTER TABLE outbox DROP COLUMN stored_at;
  DROP TABLE callback, operation, claim, claim_rule;
`;

test('a database of an earlier version is brought up to date, and nothing of it is lost', async () => {
  const [key, id, note] = [uniqueName('k'), uniqueName('c'), uniqueName('note')];
  await side.execute(side.requests.add(key, 1, id), side.requests.label(key, note));
  await side.pool.query(earlier);
  const store = await side.instance(uniqueName('newer'));
  expect(await store.outbox()).toMatchObject({ depth: 2 });
  // What was asked with it is not known any more: its key tells.
  expect(await store.execute([side.requests.add(key, 1, id)])).toMatchObject([
    { kind: 'accepted', version: 1, repeated: true },
  ]);
  expect(await store.execute([side.requests.add(uniqueName('k'), 1, id)])).toMatchObject([
    { kind: 'reused' },
  ]);
  // Where its records are is not known, so there is no position to wait for.
  const unchanged = await store.submit(side.requests.add(key, 0));
  expect(unchanged.outcome).toMatchObject({ kind: 'unchanged', version: 2 });
  expect(await unchanged.positions(1_000)).toEqual(new Map());
  expect(await store.execute([side.requests.label(uniqueName('k'), note)])).toMatchObject([
    { kind: 'refused', refusal: { code: 'tally-note-taken' } },
  ]);
});
