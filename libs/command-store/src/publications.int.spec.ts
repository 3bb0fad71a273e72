import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { hasReached, partitionId, type Positions } from '@reprise/kernel';
import { LogAdmin, LogProducer, partitionOf } from '@reprise/log';
import { uniqueName } from '@reprise/testing';
import { followTallies, openWriteSide, type WriteSide } from '../test/write-side.js';
import type { Submission } from './command-store.js';
import { OutboxRelay } from './relay.js';
import { deleteOutbox, insertOutbox, oldestOutbox, reserveOutbox } from './sql/outbox.js';
import { Sweeper } from './sweeper.js';

/** Far more than anything here takes. */
const longMs = 15_000;

let side: WriteSide;
let tallies: Awaited<ReturnType<typeof followTallies>>;
let relay: OutboxRelay | undefined;

beforeAll(async () => {
  side = await openWriteSide();
  tallies = await followTallies(side);
});
afterEach(async () => {
  await relay?.stop();
  relay = undefined;
});
afterAll(async () => {
  await tallies.stop();
  await side.stop();
});

async function startRelay(): Promise<void> {
  relay = new OutboxRelay({ connectionString: side.connectionString, log: side.log, pollMs: 50 });
  await relay.start();
}

/** Publishes what is there, and tells nobody: the message was lost. */
async function publishUnheard(): Promise<void> {
  const producer = new LogProducer(side.log);
  const rows = await oldestOutbox(side.pool, 1_000);
  await producer.append(rows);
  await producer.stop();
  await deleteOutbox(side.pool, { ids: rows.map(({ id }) => id), messages: [] });
}

const times = <Made>(count: number, make: (place: number) => Made): Made[] =>
  Array.from({ length: count }, (_, place) => make(place));
const partitionOfKey = (key: string): string =>
  partitionId({
    topic: side.contract.topic,
    partition: partitionOf(key, side.contract.partitions),
  });

/** What a reader has applied right after the last record of a key. */
async function placeAfter(key: string, records: number): Promise<Positions> {
  await side.until(() => tallies.records(key).length >= records);
  const last = tallies.records(key)[records - 1];
  return new Map(last ? [[last.partition, last.offset + 1n]] : []);
}

/** What a reader that has come so far has applied of a key. */
function shownAt(key: string, positions: Positions): number[] {
  return tallies
    .records(key)
    .filter(({ partition, offset }) => offset < (positions.get(partition) ?? 0n))
    .map(({ envelope }) => envelope?.version ?? 0);
}

describe('the position of all that was committed', () => {
  test('waits also for a record that was committed late, before the newest one', async () => {
    const [late, prompt] = [uniqueName('k'), uniqueName('k')];
    const session = await side.pool.connect();
    await session.query('BEGIN');
    const [id = ''] = await reserveOutbox(session, 1);
    await insertOutbox(session, [{ id, topic: side.contract.topic, key: late, value: null, headers: {} }]);
    await side.execute(side.requests.add(prompt, 1));
    const producer = new LogProducer(side.log);
    const newest = await oldestOutbox(side.pool, 10);
    await producer.append(newest);
    await producer.stop();
    await session.query('COMMIT');
    session.release();
    const asked = side.store.positions([partitionOfKey(late), partitionOfKey(prompt)], { waitMs: longMs });
    await pause(200);
    await deleteOutbox(side.pool, { ids: newest.map((row) => row.id), messages: [] });
    expect(await Promise.race([asked, pause(200, 'it waits')])).toBe('it waits');
    await startRelay();
    const positions = (await asked) ?? new Map();
    await side.until(() => tallies.records(late).length === 1);
    expect([shownAt(late, positions), shownAt(prompt, positions)]).toEqual([[0], [1]]);
  });

  test('is not known while the outbox is not published, and where nothing waits it is the end', async () => {
    const key = uniqueName('k');
    await side.execute(side.requests.add(key, 1));
    expect(await side.store.positions([partitionOfKey(key)], { waitMs: 50 })).toBeUndefined();
    const given = { waitMs: longMs, goOn: () => false };
    expect(await side.store.positions([partitionOfKey(key)], given)).toBeUndefined();
    await startRelay();
    await side.until(async () => (await side.store.outboxDepth()) === 0);
    expect(await side.store.positions([partitionOfKey(key)], { waitMs: longMs })).toEqual(
      await placeAfter(key, 1),
    );
  });
});

describe('the position of a command', () => {
  test('is the offset after its record', async () => {
    await startRelay();
    const key = uniqueName('k');
    const submission = await side.store.submit(side.requests.add(key, 1));
    const positions = await submission.positions(longMs);
    expect(positions).toEqual(await placeAfter(key, 1));
  });

  test('of a deletion is the one after the tombstone', async () => {
    await startRelay();
    const key = uniqueName('k');
    await side.store.submit(side.requests.add(key, 1));
    const positions = await (await side.store.submit(side.requests.close(key))).positions(longMs);
    expect(positions).toEqual(await placeAfter(key, 3));
  });

  test('is its own for each of many at once', async () => {
    await startRelay();
    const keys = times(60, () => uniqueName('k'));
    const found = await Promise.all(
      keys.map(async (key) => (await side.store.submit(side.requests.twice(key))).positions(longMs)),
    );
    for (const [place, key] of keys.entries()) expect(found[place]).toEqual(await placeAfter(key, 2));
  });

  test('is heard by every process of the service', async () => {
    await startRelay();
    const other = await side.instance('other-ears');
    const [left, right] = [uniqueName('k'), uniqueName('k')];
    const [here, there] = await Promise.all([
      side.store.submit(side.requests.add(left, 1)),
      other.submit(side.requests.add(right, 1)),
    ]);
    expect(await here.positions(longMs)).toEqual(await placeAfter(left, 1));
    expect(await there.positions(longMs)).toEqual(await placeAfter(right, 1));
  });

  test('is not known as long as nothing publishes', async () => {
    const submission = await side.store.submit(side.requests.add(uniqueName('k'), 1));
    expect(await submission.positions(50)).toBeUndefined();
  });

  test('of a refusal is nothing', async () => {
    const submission = await side.store.submit(side.requests.close(uniqueName('k')));
    expect(submission).toMatchObject({ outcome: { kind: 'refused' }, operationId: undefined });
    expect(await submission.positions(longMs)).toEqual(new Map());
  });
});

describe('a command that wrote nothing', () => {
  const cases = ['that repeats one', 'that changes nothing'] as const;

  test.each(cases)('%s has the position of the newest record', async (which) => {
    await startRelay();
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    await side.store.submit(side.requests.add(key, 1, id));
    const last = await (await side.store.submit(side.requests.add(key, 1))).positions(longMs);
    const amount = which === 'that repeats one' ? 1 : 0;
    const again = await side.store.submit(
      side.requests.add(key, amount, amount === 1 ? id : uniqueName('c')),
    );
    expect(await again.positions(longMs)).toEqual(last);
  });

  test.each(cases)('%s waits as long as that is not published', async (which) => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    await side.store.submit(side.requests.add(key, 1, id));
    const ask = () =>
      side.store.submit(
        which === 'that repeats one' ? side.requests.add(key, 1, id) : side.requests.add(key, 0),
      );
    expect(await (await ask()).positions(50)).toBeUndefined();
    await startRelay();
    expect(await (await ask()).positions(longMs)).toEqual(await placeAfter(key, 1));
  });

  test.each(cases)('%s, asked of a process that heard nothing, has one that shows it', async (which) => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    await side.store.submit(side.requests.add(key, 1, id));
    await publishUnheard();
    const late = await side.instance(uniqueName('late'));
    const request = which === 'that repeats one' ? side.requests.add(key, 1, id) : side.requests.add(key, 0);
    const positions = await (await late.submit(request)).positions(longMs);
    expect(hasReached(positions ?? new Map(), await placeAfter(key, 1))).toBe(true);
    expect([...(positions ?? [])].map(([partition]) => partition)).toEqual([partitionOfKey(key)]);
  });

  test('names the operation of the first time', async () => {
    const [key, id] = [uniqueName('k'), uniqueName('c')];
    const first = await side.store.submit(side.requests.add(key, 1, id));
    const again = await side.store.submit(side.requests.add(key, 1, id));
    expect(again.operationId).toBe(first.operationId);
  });
});

describe('a message that was lost', () => {
  test('is made up for by the end of the partition', async () => {
    const key = uniqueName('k');
    const submission = await side.store.submit(side.requests.add(key, 1));
    await publishUnheard();
    const positions = await submission.positions(longMs);
    const admin = new LogAdmin(side.log);
    const ends = await admin.endOffsets([side.contract.topic]);
    await admin.stop();
    expect(positions).toEqual(new Map([[partitionOfKey(key), ends.get(partitionOfKey(key))]]));
    expect(hasReached(positions ?? new Map(), await placeAfter(key, 1))).toBe(true);
  });

  test('never makes a position that does not show the command, however often sessions break', async () => {
    await startRelay();
    const name = uniqueName('broken-ears');
    // Everything that did not answer at once is looked up, also while its transaction is open.
    const store = await side.instance(name, { lookUpMs: 1 });
    const keys = times(4, () => uniqueName('k'));
    const submitted: { key: string; version: number; positions: Positions | undefined }[] = [];
    const submit = async (key: string): Promise<void> => {
      const submission = await store.submit(side.requests.add(key, 1));
      const { outcome } = submission;
      if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
      submitted.push({ key, version: outcome.version, positions: await submission.positions(longMs) });
    };
    for (let round = 0; round < 15; round += 1) {
      await Promise.all([...keys, ...keys].map(submit).concat(side.breakSessions(name)));
    }
    for (const key of keys) await side.until(() => tallies.versions(key).includes(30));
    expect(submitted).toHaveLength(120);
    for (const { key, version, positions } of submitted) {
      expect(shownAt(key, positions ?? new Map())).toContain(version);
    }
  });
});

describe('an operation', () => {
  const submit = async (key: string): Promise<Submission & { id: string }> => {
    const submission = await side.store.submit(side.requests.add(key, 1));
    return { ...submission, id: submission.operationId ?? '' };
  };

  test('is pending until its events are in the log, and then has their position', async () => {
    const key = uniqueName('k');
    const { id } = await submit(key);
    expect(await side.store.operation(id)).toMatchObject({
      ...{ id, stream: 'tally', key, actor: 'tester', correlationId: 'c' },
      ...{ state: 'pending', positions: undefined },
      outcome: { kind: 'accepted', version: 1, events: ['TallyRaised'] },
    });
    await startRelay();
    await side.until(async () => (await side.store.operation(id))?.state === 'published');
    const { positions } = (await side.store.operation(id)) ?? {};
    expect(hasReached(positions ?? new Map(), await placeAfter(key, 1))).toBe(true);
    // Told once, it stays.
    await side.execute(side.requests.add(key, 1));
    const elsewhere = await side.instance(uniqueName('elsewhere'));
    expect((await elsewhere.operation(id))?.positions).toEqual(positions);
  });

  test('is written with its command or not at all', async () => {
    const count = async (): Promise<unknown> =>
      (await side.pool.query('SELECT count(*) FROM operation')).rows[0];
    const before = await count();
    // Half a count does not fit the stream's schema.
    await expect(side.store.submit(side.requests.add(uniqueName('k'), 0.5))).rejects.toThrow();
    expect(await count()).toEqual(before);
  });

  test('is forgotten when it is old and published, and not before', async () => {
    const [published, pending] = [await submit(uniqueName('k')), await submit(uniqueName('k'))];
    const { connectionString } = side;
    await side.pool.query("UPDATE operation SET asked_at = now() - interval '2 hours'");
    await side.pool.query('UPDATE operation SET records = $2 WHERE id = $1', [published.id, ['0']]);
    const young = new Sweeper({ connectionString, operationsMs: 3 * 3_600_000, commandsMs: 1e12 });
    const old = new Sweeper({ connectionString, operationsMs: 3_600_000, commandsMs: 1e12 });
    expect(await young.sweep()).toBe(0);
    expect(await old.sweep()).toBeGreaterThan(0);
    await Promise.all([young.stop(), old.stop()]);
    expect(await side.store.operation(published.id)).toBeUndefined();
    expect(await side.store.operation(pending.id)).toMatchObject({ state: 'pending' });
  });
});

test('the outbox tells how many wait, and since when', async () => {
  await startRelay();
  await side.until(async () => (await side.store.outbox()).depth === 0);
  expect(await side.store.outbox()).toEqual({ depth: 0, oldestAgeMs: undefined });
  await relay?.stop();
  await side.execute(side.requests.twice(uniqueName('k')));
  await side.pool.query("UPDATE outbox SET stored_at = now() - interval '90 seconds'");
  const { depth, oldestAgeMs } = await side.store.outbox();
  expect(depth).toBe(2);
  expect(oldestAgeMs).toBeGreaterThanOrEqual(90_000);
});
