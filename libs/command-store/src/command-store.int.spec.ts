import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import { openWriteSide, type WriteSide } from '../test/write-side.js';
import { CommandStore } from './command-store.js';
import type { CommandOutcome, CommandRequest } from './entity.js';
import { reserveOutbox } from './sql/outbox.js';

let side: WriteSide;

beforeAll(async () => {
  side = await openWriteSide();
});
afterAll(() => side.stop());

const times = <Made>(count: number, make: (place: number) => Made): Made[] =>
  Array.from({ length: count }, (_, place) => make(place));
const versionOf = (outcome: CommandOutcome | undefined) =>
  outcome?.kind === 'accepted' ? outcome.version : undefined;

async function stateOf(key: string) {
  return side.store.read(side.entity, key);
}

async function waiters(): Promise<number> {
  const { rowCount } = await side.pool.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rowCount ?? 0;
}

const hasWaiter = async (): Promise<boolean> => (await waiters()) === 1;

async function storedCommands(ids: readonly string[]): Promise<number> {
  const { rowCount } = await side.pool.query('SELECT 1 FROM command WHERE command_id = ANY($1::text[])', [
    ids,
  ]);
  return rowCount ?? 0;
}

describe('concurrent writers', () => {
  test('100 of them on one new entity lose nothing and double nothing', async () => {
    const key = uniqueName('k');
    const depth = await side.store.outboxDepth();
    const outcomes = await Promise.all(times(100, () => side.execute(side.requests.add(key, 1))));
    expect(outcomes.map(([outcome]) => versionOf(outcome) ?? 0).sort((left, right) => left - right)).toEqual(
      times(100, (place) => place + 1),
    );
    expect(await stateOf(key)).toEqual({ version: 100, state: { id: key, count: 100, note: null } });
    expect(await side.store.outboxDepth()).toBe(depth + 100);
  });

  test('number their events under the lock of their entity: who waits for it has no number yet', async () => {
    const key = uniqueName('k');
    await side.execute(side.requests.add(key, 1));
    const blocker = await side.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM entity WHERE key = $1 FOR UPDATE', [key]);
    const executing = side.execute(side.requests.add(key, 1));
    await side.until(hasWaiter);
    // Whoever holds the lock may take one now and publish it first.
    const [taken] = await reserveOutbox(blocker, 1);
    await blocker.query('COMMIT');
    blocker.release();
    expect((await executing).map(versionOf)).toEqual([2]);
    const { rows } = await side.pool.query<{ id: string }>(
      'SELECT id FROM outbox WHERE key = $1 ORDER BY outbox.id DESC LIMIT 1',
      [key],
    );
    expect(Number(rows[0]?.id)).toBeGreaterThan(Number(taken));
  });

  test('batches that meet the same entities in different orders all get their turn', async () => {
    const keys = times(8, () => uniqueName('k'));
    const batches = times(24, (place) => (place % 2 === 0 ? keys : [...keys].reverse()));
    await Promise.all(
      batches.map((batch) => side.execute(...batch.map((key) => side.requests.add(key, 1, uniqueName(key))))),
    );
    for (const key of keys) expect(await stateOf(key)).toMatchObject({ version: 24, state: { count: 24 } });
  });

  test('batches that share command ids and entities in different orders execute each command once', async () => {
    const [left, right] = [uniqueName('k'), uniqueName('k')];
    const ids = times(6, () => uniqueName('c'));
    const requests = ids.map((id, place) => side.requests.add(place % 2 === 0 ? left : right, 1, id));
    await Promise.all(
      times(12, (place) => side.execute(...(place % 2 === 0 ? requests : [...requests].reverse()))),
    );
    expect(await stateOf(left)).toMatchObject({ version: 3, state: { count: 3 } });
    expect(await stateOf(right)).toMatchObject({ version: 3, state: { count: 3 } });
  });
});

describe('a command id', () => {
  test('given again is answered as the first time, whatever happened in between', async () => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    const [first] = await side.execute(side.requests.add(key, 5, id));
    await side.execute(side.requests.add(key, 2));
    const depth = await side.store.outboxDepth();
    const [again] = await side.execute(side.requests.add(key, 5, id));
    expect(first).toEqual({
      kind: 'accepted',
      key,
      version: 1,
      events: ['TallyRaised'],
      created: true,
      repeated: false,
    });
    expect(again).toEqual({ ...first, repeated: true });
    expect(await stateOf(key)).toMatchObject({ version: 2, state: { count: 7 } });
    expect(await side.store.outboxDepth()).toBe(depth);
  });

  test('given by many at once is executed once, and all have the same answer', async () => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    const outcomes = (await Promise.all(times(20, () => side.execute(side.requests.add(key, 5, id))))).flat();
    expect(outcomes.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(outcomes.map(versionOf))).toEqual(new Set([1]));
    expect(await stateOf(key)).toMatchObject({ version: 1, state: { count: 5 } });
  });

  test('given by many at once for different entities is executed for one of them only', async () => {
    const id = uniqueName('c');
    const keys = times(20, () => uniqueName('k'));
    const outcomes = (
      await Promise.all(keys.map((key) => side.execute(side.requests.add(key, 5, id))))
    ).flat();
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'reused')).toHaveLength(19);
    const states = await Promise.all(keys.map(stateOf));
    expect(states.filter((state) => state !== undefined)).toHaveLength(1);
  });

  test('given to several processes at once is executed by one, and all give its answer', async () => {
    const others = await Promise.all(times(3, () => side.instance(uniqueName('twin'))));
    for (const key of times(10, () => uniqueName('k'))) {
      const request = side.requests.add(key, 5, uniqueName('c'));
      const outcomes = await Promise.all([side.store, ...others].map((store) => store.execute([request])));
      expect(outcomes.flat().filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(new Set(outcomes.flat().map(versionOf))).toEqual(new Set([1]));
      expect(await stateOf(key)).toMatchObject({ version: 1, state: { count: 5 } });
    }
  });

  test('whose first execution is still going on waits for its answer', async () => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    const request = side.requests.add(key, 5, id);
    await side.execute(side.requests.add(key, 1));
    const blocker = await side.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM entity WHERE key = $1 FOR UPDATE', [key]);
    const executing = [side.execute(request), side.execute(request)];
    await side.until(async () => (await waiters()) === 2);
    await blocker.query('COMMIT');
    blocker.release();
    const [first, second] = (await Promise.all(executing)).flat();
    expect([first?.repeated, second?.repeated].sort()).toEqual([false, true]);
    expect([versionOf(first), versionOf(second)]).toEqual([2, 2]);
  });

  test('given again with another command is refused, and nothing is done', async () => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    await side.execute(side.requests.add(key, 5, id));
    const [other] = await side.execute(side.requests.add(key, 6, id));
    expect(other).toEqual({ kind: 'reused', key, repeated: false });
    expect(await stateOf(key)).toMatchObject({ version: 1, state: { count: 5 } });
  });

  test('remembers refusals and commands that changed nothing as well', async () => {
    const [key, refused, unchanged] = [uniqueName('k'), uniqueName('c'), uniqueName('c')];
    const ask = () => side.execute(side.requests.close(key, refused), side.requests.add(key, 0, unchanged));
    const first = await ask();
    await side.execute(side.requests.add(key, 1));
    expect(first.map(({ kind }) => kind)).toEqual(['refused', 'unchanged']);
    expect(await ask()).toEqual(first.map((outcome) => ({ ...outcome, repeated: true })));
  });
});

describe('a condition on the version', () => {
  test('lets one of many that saw the same version win', async () => {
    const key = uniqueName('k');
    await side.execute(side.requests.add(key, 1));
    const outcomes = await Promise.all(
      times(30, () => side.execute({ ...side.requests.add(key, 1), condition: { match: [1] } })),
    );
    expect(
      outcomes
        .flat()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['accepted', ...times(29, () => 'mismatched')]);
    expect(await stateOf(key)).toMatchObject({ version: 2, state: { count: 2 } });
  });

  test('lets one of many make an entity that must be new', async () => {
    const key = uniqueName('k');
    const outcomes = await Promise.all(
      times(30, () => side.execute({ ...side.requests.add(key, 1), condition: { noneMatch: 'any' } })),
    );
    expect(outcomes.flat().filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(await stateOf(key)).toMatchObject({ version: 1, state: { count: 1 } });
  });

  test('loses no update of those who read, add and try again', async () => {
    const key = uniqueName('k');
    await side.execute(side.requests.add(key, 1));
    const untilItHolds = async (): Promise<void> => {
      for (;;) {
        const { version = 0 } = (await stateOf(key)) ?? {};
        const request = { ...side.requests.add(key, 1), condition: { match: [version] } };
        if ((await side.execute(request))[0]?.kind === 'accepted') return;
      }
    };
    await Promise.all(times(20, untilItHolds));
    expect(await stateOf(key)).toMatchObject({ version: 21, state: { count: 21 } });
  });

  test('that does not hold is remembered with its command id, and writes nothing else', async () => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    const depth = await side.store.outboxDepth();
    const request: CommandRequest = { ...side.requests.add(key, 1, id), condition: { match: [4] } };
    const submission = await side.store.submit(request);
    expect(submission).toMatchObject({
      outcome: { kind: 'mismatched', version: undefined },
      operationId: undefined,
    });
    expect(await side.store.outboxDepth()).toBe(depth);
    expect(await side.execute(request)).toMatchObject([{ kind: 'mismatched', repeated: true }]);
  });
});

describe('one call is one transaction', () => {
  test('a refusal undoes nothing else', async () => {
    const [kept, refused] = [uniqueName('k'), uniqueName('k')];
    const outcomes = await side.execute(
      side.requests.add(kept, 1),
      side.requests.close(refused),
      side.requests.add(kept, 1),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'refused', 'accepted']);
    expect(await stateOf(kept)).toMatchObject({ version: 2 });
    expect(await stateOf(refused)).toBeUndefined();
  });

  test('a failure leaves nothing of it: no entity, no command id, no event', async () => {
    const [good, bad] = [uniqueName('k'), uniqueName('k')];
    const ids = [uniqueName('c'), uniqueName('c')];
    const depth = await side.store.outboxDepth();
    // Half a count does not fit the stream's schema, which shows only when the event is encoded.
    const failing = side.execute(side.requests.add(good, 1, ids[0]), side.requests.add(bad, 0.5, ids[1]));
    await expect(failing).rejects.toMatchObject({ code: 'value-not-of-contract' });
    expect([await stateOf(good), await stateOf(bad)]).toEqual([undefined, undefined]);
    expect(await storedCommands(ids)).toBe(0);
    expect(await side.store.outboxDepth()).toBe(depth);
    const [retried] = await side.execute(side.requests.add(good, 1, ids[0]));
    expect(retried).toMatchObject({ kind: 'accepted', repeated: false });
  });

  test('a session that breaks is reported as one to try again, and the store goes on', async () => {
    const key = uniqueName('k');
    const blocker = await side.pool.connect();
    await side.execute(side.requests.add(key, 1));
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM entity WHERE key = $1 FOR UPDATE', [key]);
    const failing = side.execute(side.requests.add(key, 1));
    const refused = expect(failing).rejects.toMatchObject({
      code: 'command-store-unavailable',
      decision: 'retry',
    });
    await side.until(async () => {
      const { rowCount } = await side.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    });
    await refused;
    await blocker.query('COMMIT');
    blocker.release();
    const [outcome] = await side.execute(side.requests.add(key, 1));
    expect(versionOf(outcome)).toBe(2);
  });

  test('rolled back by the server as one of two that wait for each other, is tried again', async () => {
    const [first = '', second = ''] = [uniqueName('k'), uniqueName('k')].sort();
    await side.execute(side.requests.add(first, 1), side.requests.add(second, 1));
    const rival = await side.pool.connect();
    const lock = (key: string) => rival.query('SELECT 1 FROM entity WHERE key = $1 FOR UPDATE', [key]);
    // The rival looks for a deadlock later than the store's session, which is therefore the one rolled back.
    await rival.query("SET deadlock_timeout = '60s'");
    await rival.query('BEGIN');
    await lock(second);
    const executing = side.execute(side.requests.add(first, 1), side.requests.add(second, 1));
    await side.until(hasWaiter);
    await lock(first);
    await rival.query('COMMIT');
    rival.release(true);
    expect((await executing).map(versionOf)).toEqual([2, 2]);
  });

  test('an entity that was deleted is made anew with the versions going on', async () => {
    const key = uniqueName('k');
    await side.execute(side.requests.add(key, 3), side.requests.close(key));
    expect(await stateOf(key)).toEqual({ version: 2, state: undefined });
    const [again] = await side.execute(side.requests.add(key, 1));
    expect(versionOf(again)).toBe(3);
    expect(await stateOf(key)).toMatchObject({ version: 3, state: { count: 1 } });
  });
});

test('several processes may start on one empty database at once', async () => {
  const { connectionString, entity, log } = side;
  const clock = { nowMs: () => 0 };
  const stores = times(
    4,
    () => new CommandStore({ connectionString, source: '/suite', entities: [entity], log, clock }),
  );
  await Promise.all(stores.map((store) => store.start()));
  await Promise.all(stores.map((store) => store.stop()));
});
