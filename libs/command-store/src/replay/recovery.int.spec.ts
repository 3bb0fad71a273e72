import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openRecoverySide, type RecoverySide } from '../../test/recovery-side.js';
import { OutboxRelay } from '../relay.js';
import { recoverStore, type RecoveryOptions } from './recover-store.js';
import { verifyStore } from './verify-store.js';

let on: RecoverySide;

beforeEach(async () => {
  on = await openRecoverySide();
});
afterEach(() => on.stop());

function options(more: Partial<RecoveryOptions> = {}): RecoveryOptions {
  const { connectionString, log } = on.side;
  return { connectionString, log, entities: [on.entity], ...more };
}

/** Tallies that live, that are gone, and that are gone and there again; all published. */
async function live(): Promise<void> {
  const { add, twice, close } = on.requests;
  const keys = Array.from({ length: 40 }, (_, place) => `t${place}`);
  await on.store.execute(keys.map((key, place) => add(key, place + 1)));
  await on.store.execute(keys.flatMap((key, place) => (place % 2 === 0 ? [twice(key)] : [])));
  await on.store.execute(keys.slice(0, 8).map((key) => close(key)));
  await on.store.execute(keys.slice(0, 4).map((key) => add(key, 5)));
  await on.publish();
}

async function versionAfter(key: string): Promise<number | undefined> {
  const [outcome] = await on.store.execute([on.requests.add(key, 1)]);
  return outcome?.kind === 'accepted' ? outcome.version : undefined;
}

describe('a write store that was lost', () => {
  test('is rebuilt from its topics with all states and versions, and commands go on from there', async () => {
    await live();
    const before = await on.entities();
    await on.wipe();
    const report = await recoverStore(options());
    expect(await on.entities()).toEqual(before);
    expect(report).toMatchObject({
      streams: [{ stream: 'tally', entities: 40, gone: 4 }],
      findings: { total: 0 },
      unsettled: { total: 0 },
    });
    // Alive at version 1, alive at 3 after two more, gone at version 2 and 4, and there again.
    const versions = await Promise.all(['t9', 't10', 't5', 't6', 't1'].map(versionAfter));
    expect(versions).toEqual([2, 4, 3, 5, 4]);
    await on.publish();
    expect(await verifyStore(options())).toMatchObject({ entitiesChecked: 40, differences: { total: 0 } });
  });

  test('knows again which values are taken', async () => {
    await on.store.execute([on.requests.add('t1', 1), on.requests.label('t1', 'first')]);
    await on.publish();
    await on.wipe();
    await recoverStore(options());
    const outcomes = await on.store.execute([
      on.requests.add('t2', 1),
      on.requests.label('t2', 'first'),
      on.requests.label('t1', 'other'),
      on.requests.label('t2', 'first'),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'refused', 'accepted', 'accepted']);
  });

  test('has the versions of deleted entities from the history, where compaction took their tombstones away', async () => {
    await on.append(on.history.topic, 'gone', 1);
    await on.append(on.history.topic, 'gone', 2);
    await recoverStore(options());
    expect(await versionAfter('gone')).toBe(3);
  });

  test.each([
    ['an entity', "INSERT INTO entity VALUES ('tally', 'x', 1, '{}')"],
    ['a command', "INSERT INTO command VALUES ('c', '{}')"],
    ['an event that waits', "INSERT INTO outbox (topic, key, headers) VALUES ('t', 'x', '{}')"],
  ])('is not taken for lost when it has %s', async (_, statement) => {
    await live();
    await on.wipe();
    await on.side.pool.query(statement);
    const before = await on.entities();
    await expect(recoverStore(options())).rejects.toMatchObject({ code: 'store-not-empty' });
    expect(await on.entities()).toEqual(before);
  });

  test('stays empty while it is recovered, and goes on where it was interrupted', async () => {
    await live();
    const before = await on.entities();
    await on.wipe();
    const interrupted = options({
      onProgress: () => {
        throw new Error('interrupted');
      },
    });
    await expect(recoverStore(interrupted)).rejects.toThrow('interrupted');
    expect(await on.entities()).toEqual([]);
    const read: number[] = [];
    await recoverStore(options({ onProgress: ({ recordsRead }) => read.push(recordsRead) }));
    expect(await on.entities()).toEqual(before);
    // The first part is not read again: fewer steps than there are partitions.
    expect(read.length).toBeLessThan(4);
  });

  test('may be recovered from the beginning after an interruption', async () => {
    await live();
    const before = await on.entities();
    await on.wipe();
    let steps = 0;
    const once = options({
      onProgress: () => {
        steps += 1;
        if (steps === 2) throw new Error('interrupted');
      },
    });
    await expect(recoverStore(once)).rejects.toThrow('interrupted');
    const read: number[] = [];
    await recoverStore(options({ anew: true, onProgress: ({ recordsRead }) => read.push(recordsRead) }));
    expect(await on.entities()).toEqual(before);
    expect(read.length).toBeGreaterThan(2);
  });

  test('is left alone when commands were taken while it was recovered', async () => {
    await live();
    await on.wipe();
    const taken: Promise<unknown>[] = [];
    const meddled = options({
      onProgress: () => void taken.push(on.store.execute([on.requests.add('new', 1)])),
    });
    const recovering = recoverStore(meddled).finally(() => Promise.all(taken));
    await expect(recovering).rejects.toMatchObject({ code: 'store-not-empty' });
    expect(await on.entities()).toMatchObject([{ key: 'new' }]);
  });

  test('is recovered by one at a time', async () => {
    await live();
    await on.wipe();
    let second: Promise<unknown> | undefined;
    const onProgress = (): void => {
      second ??= expect(recoverStore(options())).rejects.toMatchObject({ code: 'recovery-runs' });
    };
    await recoverStore(options({ onProgress }));
    await second;
  });
});

describe('what is wrong with the log is told', () => {
  test('a history that leaves versions out', async () => {
    for (const version of [1, 2, 5]) await on.append(on.history.topic, 'a', version);
    const { findings } = await recoverStore(options());
    expect(findings).toMatchObject({ total: 1, first: [{ kind: 'gap', key: 'a', before: 2, found: 5 }] });
  });

  test('an entity whose last record is older than one before it: the newest state is recovered', async () => {
    for (const version of [1, 3, 2]) await on.append(on.side.contract.topic, 'a', version);
    const { unsettled } = await recoverStore(options());
    expect(unsettled).toEqual({
      total: 1,
      first: [{ stream: 'tally', key: 'a', kind: 'backwards', version: 2 }],
    });
    expect(await on.entities()).toMatchObject([{ key: 'a', version: '3', state: { count: 3 } }]);
  });

  test('an entity whose newest state cannot be read: nothing is recovered until a newer one can', async () => {
    const { topic } = on.side.contract;
    await on.append(topic, 'a', 1);
    await on.append(topic, 'a', { bytes: Buffer.from('junk'), version: 2 });
    await expect(recoverStore(options())).rejects.toMatchObject({
      code: 'log-unsettled',
      message: expect.stringContaining('tally a version 2'),
    });
    expect(await on.entities()).toEqual([]);
    await on.append(topic, 'a', 3);
    expect((await recoverStore(options())).findings).toMatchObject({
      total: 1,
      first: [{ kind: 'unreadable' }],
    });
    expect(await versionAfter('a')).toBe(4);
  });
});

describe('a write store beside its topics', () => {
  test('is the same, also while commands come in', async () => {
    await live();
    const { connectionString, log } = on.side;
    const relay = new OutboxRelay({ connectionString, log });
    await relay.start();
    const load = { isOver: false };
    const commands = (async () => {
      for (let place = 0; !load.isOver; place += 1)
        await on.store.execute([on.requests.add(`t${place % 40}`, 1)]);
    })();
    for (let time = 0; time < 3; time += 1) {
      const { differences, entitiesChecked } = await verifyStore(options());
      expect([differences, entitiesChecked]).toEqual([{ total: 0, first: [] }, 40]);
    }
    load.isOver = true;
    await commands;
    await relay.stop();
  });

  test('differs where a state, a version or a whole entity was changed by hand', async () => {
    await live();
    await on.side.pool.query(`UPDATE entity SET state = jsonb_set(state, '{count}', '999') WHERE key = 't9'`);
    await on.side.pool.query("UPDATE entity SET version = 7 WHERE key = 't11'");
    await on.side.pool.query("DELETE FROM entity WHERE key = 't13'");
    await on.side.pool.query(
      `INSERT INTO entity VALUES ('tally', 'made', 1, '{"id":"made","count":1,"note":null}')`,
    );
    const { differences } = await verifyStore(options());
    expect(differences).toEqual({
      total: 4,
      first: [
        { stream: 'tally', key: 'made', storeVersion: 1, logVersion: null },
        { stream: 'tally', key: 't11', storeVersion: 7, logVersion: 1 },
        { stream: 'tally', key: 't13', storeVersion: null, logVersion: 1 },
        { stream: 'tally', key: 't9', storeVersion: 1, logVersion: 1 },
      ],
    });
  });

  test('is the same where a state was stored before its contract got a field', async () => {
    await live();
    await on.side.pool.query("UPDATE entity SET state = state - 'note' WHERE key = 't9'");
    expect((await verifyStore(options())).differences.total).toBe(0);
  });

  test('is the same where it remembers a deletion that the log has forgotten', async () => {
    await on.side.pool.query("INSERT INTO entity VALUES ('tally', 'long-gone', 4, NULL)");
    expect((await verifyStore(options())).differences.total).toBe(0);
  });

  test('leaves nothing behind', async () => {
    await live();
    await verifyStore(options());
    const { rows } = await on.side.pool.query(
      "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'reprise%'",
    );
    expect(rows).toEqual([]);
  });
});
