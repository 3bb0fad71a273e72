import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import { RelayProcess } from '../test/relay-process.js';
import { followTallies, named, openWriteSide, type WriteSide } from '../test/write-side.js';
import { OutboxRelay } from './relay.js';
import { insertOutbox, reserveOutbox } from './sql/outbox.js';

let side: WriteSide;
let tallies: Awaited<ReturnType<typeof followTallies>>;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  side = await openWriteSide();
  tallies = await followTallies(side);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((relay) => relay.stop()));
});
afterAll(async () => {
  await tallies.stop();
  await side.stop();
});

/** Each relay has a name of its own in the server's list of sessions. */
async function startRelay(name = uniqueName('relay')): Promise<OutboxRelay> {
  const connectionString = named(side.connectionString, name);
  const relay = new OutboxRelay({ connectionString, log: side.log, pollMs: 50 });
  running.push(relay);
  await relay.start();
  return relay;
}

async function publishers(): Promise<string[]> {
  const { rows } = await side.pool.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database()`,
  );
  return rows.map(({ name }) => name);
}

async function breakSession(name: string): Promise<void> {
  await side.pool.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
    [name],
  );
}

const isPublished = async (): Promise<boolean> => (await side.store.outboxDepth()) === 0;
const hasArrived = (key: string, version: number) => (): boolean => tallies.versions(key).at(-1) === version;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place + 1);

describe('the relay', () => {
  test('publishes every event, in order per key', async () => {
    const keys = upTo(5).map(() => uniqueName('k'));
    await startRelay();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(keys.map((key) => side.execute(side.requests.add(key, 1))));
    }
    await side.until(isPublished);
    for (const key of keys) {
      await side.until(hasArrived(key, 20));
      expect(tallies.versions(key)).toEqual(upTo(20));
      expect(tallies.envelopes(key).map(({ state }) => state.count)).toEqual(upTo(20));
    }
  });

  test('keeps the order of events that lie in one batch', async () => {
    const key = uniqueName('k');
    await side.execute(...upTo(200).map(() => side.requests.add(key, 1)));
    await startRelay();
    await side.until(hasArrived(key, 200));
    expect(tallies.versions(key)).toEqual(upTo(200));
  });

  test('publishes more of one key than the broker takes at once', async () => {
    const key = uniqueName('k');
    await side.execute(...upTo(1_500).map(() => side.requests.twice(key)));
    await startRelay();
    await side.until(hasArrived(key, 3_000));
    expect(tallies.versions(key)).toEqual(upTo(3_000));
  });

  test('publishes a deletion as the event with the final state, then a tombstone', async () => {
    const key = uniqueName('k');
    await startRelay();
    await side.execute(side.requests.add(key, 7), side.requests.close(key));
    await side.until(hasArrived(key, 0));
    expect(tallies.versions(key)).toEqual([1, 2, 0]);
    expect(tallies.envelopes(key)[1]).toMatchObject({
      event: 'TallyClosed',
      deleted: true,
      state: { id: key, count: 7 },
    });
  });

  test('does not skip a transaction that commits after others with higher numbers were published', async () => {
    const [late, prompt] = [uniqueName('k'), uniqueName('k')];
    await startRelay();
    const session = await side.pool.connect();
    await session.query('BEGIN');
    const [id = ''] = await reserveOutbox(session, 1);
    await insertOutbox(session, [{ id, topic: side.contract.topic, key: late, value: null, headers: {} }]);
    await side.execute(side.requests.add(prompt, 1));
    await side.until(hasArrived(prompt, 1));
    expect(tallies.versions(late)).toEqual([]);
    await session.query('COMMIT');
    session.release();
    await side.until(hasArrived(late, 0));
    expect(tallies.versions(late)).toEqual([0]);
  });

  test('stopped on the way, leaves the rest to the next one', async () => {
    const key = uniqueName('k');
    const first = await startRelay();
    for (let round = 0; round < 6; round += 1) {
      await side.execute(...upTo(50).map(() => side.requests.add(key, 1)));
    }
    await side.until(() => tallies.versions(key).length > 0);
    await first.stop();
    await side.execute(side.requests.add(key, 1));
    expect(await side.store.outboxDepth()).toBeGreaterThan(0);
    await startRelay();
    await side.until(hasArrived(key, 301));
    expect(tallies.versions(key)).toEqual(upTo(301));
  });
});

describe('a relay that dies', () => {
  const [crashing, calm] = [
    `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
     CREATE TRIGGER dies BEFORE DELETE ON outbox EXECUTE FUNCTION die()`,
    'DROP TRIGGER IF EXISTS dies ON outbox; DROP FUNCTION IF EXISTS die()',
  ];
  afterEach(async () => {
    await side.pool.query(calm);
  });

  test('between the acknowledgement and the deletion publishes again, and tells the later place', async () => {
    const key = uniqueName('k');
    await side.pool.query(crashing);
    await startRelay();
    const submission = await side.store.submit(side.requests.twice(key));
    await side.until(() => tallies.versions(key).length >= 4);
    expect(await side.store.outboxDepth()).toBe(2);
    expect((await side.store.operation(submission.operationId ?? ''))?.state).toBe('pending');
    await side.pool.query(calm);
    const positions = await submission.positions(15_000);
    await side.until(isPublished);
    const records = tallies.records(key);
    expect([...new Set(tallies.versions(key))]).toEqual([1, 2]);
    expect(records.at(-1)?.envelope?.version).toBe(2);
    // Each copy is the same record, by its id as well: whoever counts may tell.
    expect(records.length % 2).toBe(0);
    const told = [...(positions ?? [])][0]?.[1] ?? 0n;
    expect(told).toBeGreaterThanOrEqual((records[1]?.offset ?? 0n) + 1n);
  });

  test('killed while it publishes, is followed by one that stood by: nothing is lost, each key keeps its order', async () => {
    const keys = upTo(3).map(() => uniqueName('k'));
    const killed = new RelayProcess({
      connectionString: named(side.connectionString, 'killed'),
      log: side.log,
    });
    const publishes = (name: string) => async (): Promise<boolean> => (await publishers()).includes(name);
    running.push(killed);
    await side.until(publishes('killed'));
    const name = uniqueName('standby');
    await startRelay(name);
    const rounds = 40;
    for (let round = 1; round <= rounds; round += 1) {
      await Promise.all(keys.map((key) => side.execute(side.requests.twice(key))));
      if (round === rounds / 2) {
        await side.until(() => tallies.versions(keys[0] ?? '').length > 0);
        expect(await publishers()).toEqual(['killed']);
        await killed.stop();
      }
    }
    await side.until(publishes(name));
    await side.until(isPublished);
    for (const key of keys) {
      await side.until(hasArrived(key, 2 * rounds));
      expect([...new Set(tallies.versions(key))]).toEqual(upTo(2 * rounds));
    }
  });
});

/** What the session of that name does; undefined when there is none. */
async function doing(name: string): Promise<string | undefined> {
  const { rows } = await side.pool.query<{ doing: string }>(
    `SELECT coalesce(CASE state WHEN 'active' THEN wait_event_type END, state) AS doing FROM pg_stat_activity
     WHERE application_name = $1 AND datname = current_database()`,
    [name],
  );
  return rows[0]?.doing;
}

test('a relay that lost its lock between reading and appending is refused by the log', async () => {
  const key = uniqueName('k');
  const name = uniqueName('held');
  const held = new RelayProcess({ connectionString: named(side.connectionString, name), log: side.log });
  running.push(held);
  await side.execute(side.requests.add(key, 1));
  await side.until(hasArrived(key, 1));
  const session = await side.pool.connect();
  await session.query('BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE');
  const [id = ''] = await reserveOutbox(session, 1);
  await insertOutbox(session, [{ id, topic: side.contract.topic, key, value: null, headers: {} }]);
  await side.until(async () => (await doing(name)) === 'Lock');
  held.hold();
  await session.query('COMMIT');
  session.release();
  await side.until(async () => (await doing(name)) === 'idle');
  await breakSession(name);
  await startRelay();
  await side.until(hasArrived(key, 0));
  await side.execute(side.requests.add(key, 1));
  await side.until(hasArrived(key, 2));
  held.goOn();
  // It has failed, and stands by.
  await side.until(async () => (await doing(name)) === 'idle');
  await side.execute(side.requests.add(key, 1));
  await side.until(hasArrived(key, 3));
  expect(tallies.versions(key)).toEqual([1, 0, 2, 3]);
});

describe('two relays', () => {
  test('take turns: one publishes, and when its session breaks another one takes over and nothing is lost', async () => {
    const key = uniqueName('k');
    const names = [uniqueName('relay'), uniqueName('relay')];
    await Promise.all(names.map(startRelay));
    for (const round of upTo(3)) {
      await side.until(async () => (await publishers()).length === 1);
      const [publisher = ''] = await publishers();
      const writing = upTo(20).map(() => side.execute(side.requests.twice(key)));
      await breakSession(publisher);
      await Promise.all(writing);
      // Mostly the other one; the same when it is back sooner than the other looks.
      await side.until(async () => (await publishers()).length === 1);
      await side.until(isPublished);
      await side.until(hasArrived(key, round * 40));
    }
    expect([...new Set(tallies.versions(key))].sort((left, right) => left - right)).toEqual(upTo(120));
    // Published again means: the same version with the same state.
    for (const { version, state } of tallies.envelopes(key)) expect(state.count).toBe(version);
  });

  test('never publish at once', async () => {
    await Promise.all(upTo(3).map(() => startRelay()));
    const key = uniqueName('k');
    await side.execute(side.requests.add(key, 1));
    await side.until(hasArrived(key, 1));
    expect(await publishers()).toHaveLength(1);
    expect(tallies.versions(key)).toEqual([1]);
  });
});

test('a relay without its database says so, and can be stopped', async () => {
  const troubles: (string | undefined)[] = [];
  const away = new URL(side.connectionString);
  away.pathname = '/no_such_database';
  const relay = new OutboxRelay({
    connectionString: away.href,
    log: side.log,
    onTrouble: (reason) => troubles.push(reason),
  });
  await relay.start();
  await side.until(() => troubles.length > 0);
  expect(relay.trouble).toMatch(/no_such_database/);
  await relay.stop();
});
