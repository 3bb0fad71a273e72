import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openRecoverySide, type RecoverySide } from '../../test/recovery-side.js';
import { runStoreTool } from './store-tool.js';

let on: RecoverySide;

beforeEach(async () => {
  on = await openRecoverySide();
  await on.store.execute(['a', 'b', 'c'].map((key) => on.requests.add(key, 2)));
  await on.store.execute([on.requests.close('c')]);
  await on.publish();
});
afterEach(() => on.stop());

function tool(...args: string[]) {
  return toolOn(on.side.connectionString, args);
}

async function toolOn(connectionString: string, args: readonly string[]) {
  const [said, told]: [string[], string[]] = [[], []];
  const code = await runStoreTool(args, {
    ...{ connectionString, log: on.side.log, entities: [on.entity] },
    output: { write: (text) => said.push(text) },
    errors: { write: (text) => told.push(text) },
  });
  return { code, said: said.join(''), told: told.join('') };
}

test('a recovery says how far it is, and what it brought back', async () => {
  await on.wipe();
  const { code, said, told } = await tool('recover');
  expect([code, said]).toEqual([0, 'tally: 3 entities recovered, 1 of them deleted ones\n']);
  expect(told).toMatch(/^\d+%: \d records read, now tally_\w+\/\d\n/);
  expect(told).toMatch(/100%: 11 records read/);
});

test('a store that is not empty is refused, with the reason', async () => {
  expect(await tool('recover')).toEqual({
    code: 1,
    said: '',
    told: 'the write store is not empty (entity): only an empty one is recovered; stop what writes to it\n',
  });
});

test('a verification that finds nothing ends well', async () => {
  expect(await tool('verify')).toMatchObject({
    code: 0,
    said: '3 entities checked, 0 differ from the log\n',
  });
  const { said } = await tool('verify', '--json');
  expect(JSON.parse(said)).toMatchObject({ entitiesChecked: 3, differences: { total: 0 } });
});

test('one that finds something names it, and does not', async () => {
  await on.side.pool.query("UPDATE entity SET version = 9 WHERE key = 'a'");
  await on.append(on.history.topic, 'b', 4);
  const { code, said } = await tool('verify');
  expect(code).toBe(1);
  expect(said.split('\n')).toEqual([
    '3 entities checked, 2 differ from the log',
    'differs: tally a: the store has version 9, the log has version 1',
    'differs: tally b: the store has version 1, the log has version 4',
    expect.stringMatching(/^gap: tally_\w+_history\/\d, entity b: versions 2 to 3 are missing$/),
    '',
  ]);
});

test('a store that cannot be used is told as such', async () => {
  const { code, told } = await toolOn('postgres://nobody@127.0.0.1:1/nowhere', ['verify']);
  expect([code, told]).toEqual([1, expect.stringMatching(/^the write store cannot be used: .*ECONNREFUSED/)]);
});

test.each([[[]], [['rebuild']], [['recover', 'it']], [['verify', '--anew']], [['recover', '--fast']]])(
  '%j is answered with what can be asked',
  async (args: string[]) => {
    const { code, told } = await tool(...args);
    expect([code, told]).toEqual([2, expect.stringMatching(/^Usage: recover/)]);
  },
);
