import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parsePositions } from '@reprise/kernel';
import { Served } from '../../test/served.js';
import { airline } from '../airline/entity.js';
import { NdjsonBody } from './ndjson-body.js';

let served: Served;

beforeEach(async () => {
  served = await Served.open();
});

afterEach(() => served.close());

const carriers = Array.from({ length: 36 * 36 }, (_, index) =>
  index.toString(36).padStart(2, '0').toUpperCase(),
);

function putLine(key: string, name = `Airline-${key}`): string {
  return `${JSON.stringify({ id: `${key}/${name}`, type: 'PutAirline', key, name })}\n`;
}

describe('a batch of commands', () => {
  test('is answered line by line, and a line that is wrong spoils no other', async () => {
    const text = [
      '{"type":"PutAirline","key":"UA","name":"United"}',
      '{bad',
      '',
      '[]',
      '{"type":"Nope"}',
      '{"type":"PutAirline","key":"ua","name":"x"}',
      '{"id":"a b","type":"RemoveAirline","key":"UA"}',
      '{"id":"1","type":"RemoveAirline","key":"AA"}',
      '{"id":"2","type":"RemoveAirline","key":"UA"}',
      '{"id":"2","type":"RemoveAirline","key":"UA"}',
      '{"id":"2","type":"RemoveAirline","key":"DL"}',
      '{"type":"PutAirline","key":"B6","name":"JetBlue"}',
    ].join('\n');
    const { status, type, outcomes } = await served.sendLines(text);
    expect({ status, type }).toMatchObject({
      status: 200,
      type: expect.stringContaining('application/x-ndjson'),
    });
    expect(outcomes).toMatchObject([
      { line: 1, outcome: 'accepted', key: 'UA', version: 1 },
      { line: 2, outcome: 'invalid', problem: { status: 400, code: 'malformed-line' } },
      { line: 4, outcome: 'invalid', problem: { code: 'malformed-line' } },
      { line: 5, outcome: 'invalid', problem: { code: 'unknown-command' } },
      { line: 6, outcome: 'invalid', key: 'ua', problem: { status: 422, code: 'invalid-command' } },
      { line: 7, outcome: 'invalid', problem: { code: 'invalid-command' } },
      { line: 8, id: '1', outcome: 'refused', key: 'AA', problem: { status: 404, code: 'airline-unknown' } },
      { line: 9, id: '2', outcome: 'accepted', key: 'UA', version: 2 },
      { line: 10, id: '2', outcome: 'accepted', key: 'UA', version: 2, repeated: true },
      { line: 11, id: '2', outcome: 'invalid', key: 'DL', problem: { code: 'command-id-reused' } },
      { line: 12, outcome: 'accepted', key: 'B6', version: 1 },
    ]);
  });

  test('may ask for versions, and refuses an id that was used for something else', async () => {
    const text = [
      '{"type":"PutAirline","key":"UA","name":"United","ifVersion":0}',
      '{"type":"PutAirline","key":"UA","name":"Other","ifVersion":0}',
      '{"type":"PutAirline","key":"UA","name":"Other","ifVersion":2}',
      '{"type":"PutAirline","key":"UA","name":"Other","ifVersion":1}',
      '{"type":"PutAirline","key":"UA","name":"Other","ifVersion":"1"}',
      '{"type":"RemoveAirline","key":"AA","ifVersion":1}',
      '{"id":"1","type":"PutAirline","key":"B6","name":"JetBlue"}',
      '{"id":"1","name":"JetBlue","key":"B6","type":"PutAirline"}',
      '{"id":"1","type":"PutAirline","key":"B6","name":"Blue"}',
    ].join('\n');
    const mismatch = { status: 412, code: 'version-mismatch' };
    expect((await served.sendLines(text)).outcomes).toMatchObject([
      { outcome: 'accepted', key: 'UA', version: 1 },
      { outcome: 'refused', key: 'UA', version: 1, problem: mismatch },
      { outcome: 'refused', key: 'UA', version: 1, problem: mismatch },
      { outcome: 'accepted', key: 'UA', version: 2 },
      { outcome: 'invalid', key: 'UA', problem: { status: 422, code: 'invalid-command' } },
      { outcome: 'refused', key: 'AA', problem: mismatch },
      { outcome: 'accepted', key: 'B6', version: 1 },
      { outcome: 'accepted', key: 'B6', version: 1, repeated: true },
      { outcome: 'invalid', key: 'B6', problem: { status: 422, code: 'command-id-reused' } },
    ]);
  });

  test('of malformed lines alone is answered as well, and one of nothing with nothing', async () => {
    const { outcomes } = await served.sendLines('x\n'.repeat(2_000));
    expect(outcomes).toHaveLength(2_000);
    expect(outcomes.at(-1)).toMatchObject({ line: 2_000, outcome: 'invalid' });
    expect((await served.sendLines('')).outcomes).toEqual([]);
    expect(await served.side.store.outboxDepth()).toBe(0);
  });

  test('keeps the order of commands across its chunks, and sent again changes nothing', async () => {
    const lines = [
      ...carriers.map((key) => putLine(key)),
      ...carriers.map((key) => putLine(key, `Later-${key}`)),
    ].join('');
    const first = await served.sendLines(lines);
    const versions = carriers.map(() => ({ outcome: 'accepted', version: 1 }));
    expect(first.outcomes).toMatchObject([...versions, ...versions.map((line) => ({ ...line, version: 2 }))]);
    const again = await served.sendLines(lines);
    expect(again.outcomes).toMatchObject(first.outcomes.map(() => ({ outcome: 'accepted', repeated: true })));
    expect(await served.side.store.outboxDepth()).toBe(2 * carriers.length);
    const stored = await served.side.store.read(airline, 'ZZ');
    expect(stored).toEqual({ version: 2, state: { carrier: 'ZZ', name: 'Later-ZZ' } });
  });

  test('may be far longer than the body of another request', async () => {
    const filler = ' '.repeat(60_000);
    const { outcomes } = await served.sendLines(
      carriers
        .slice(0, 60)
        .map((key) => `${filler}${putLine(key)}`)
        .join(''),
    );
    expect(outcomes).toHaveLength(60);
    expect(outcomes.at(-1)).toMatchObject({ line: 60, outcome: 'accepted' });
  });

  test('has a line that is too long answered as such, and goes on behind it', async () => {
    const { outcomes } = await served.sendLines(`${'x'.repeat(3_000_000)}\n${putLine('UA')}`);
    expect(outcomes).toMatchObject([
      { line: 1, outcome: 'invalid', problem: { status: 413, code: 'line-too-long' } },
      { line: 2, outcome: 'accepted', key: 'UA' },
    ]);
  });

  test('sent again with its key is executed once, also where lines have no ids', async () => {
    const lines = [
      '{"type":"PutAirline","key":"UA","name":"United"}',
      '{"type":"RemoveAirline","key":"UA"}',
    ].join('\n');
    const key = { 'idempotency-key': 'load-1' };
    const done = [
      { line: 1, outcome: 'accepted', version: 1 },
      { line: 2, outcome: 'accepted', version: 2 },
    ];
    expect((await served.sendLines(lines, key)).outcomes).toMatchObject(done);
    expect((await served.sendLines(lines, key)).outcomes).toMatchObject(
      done.map((line) => ({ ...line, repeated: true })),
    );
    const other = await served.sendLines(putLine('AA').replace(/"id":[^,]*,/, ''), key);
    expect(other.outcomes).toMatchObject([{ outcome: 'invalid', problem: { code: 'command-id-reused' } }]);
  });

  test('tells at its end from where on all of it is shown, to who waits for that', async () => {
    await served.side.startRelay();
    await served.sendLines(putLine('AA'), { prefer: 'wait=20' });
    const text =
      ['UA', 'B6', 'DL'].map((key) => putLine(key)).join('') + '{"type":"RemoveAirline","key":"AA"}';
    const answer = await served.sendLines(text, { prefer: 'wait=20' });
    const last = asUnknown(answer.outcomes.at(-1));
    expect(answer.outcomes).toHaveLength(5);
    expect(last).toEqual({ outcome: 'published', position: expect.any(String) });
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    const told = parsePositions((last as { position: string }).position);
    const single = await served.send('PUT /airlines/UA', { name: 'Again' });
    for (const [partition, offset] of parsePositions(single.headers.get('reprise-position') ?? ''))
      expect(told.get(partition)).toBeLessThan(offset);
    // None of its records lies behind what was told.
    expect([...told.values()].reduce((sum, offset) => sum + offset, 0n)).toBeGreaterThanOrEqual(6n);
  });

  test('says so when that is not known in time, and nothing when nobody asks', async () => {
    expect((await served.sendLines(putLine('UA'), { prefer: 'wait=0' })).outcomes).toMatchObject([
      { key: 'UA' },
      { outcome: 'pending' },
    ]);
    expect((await served.sendLines(putLine('AA'))).outcomes).toHaveLength(1);
  });

  test('that comes slowly is answered line by line, before its end', async () => {
    const sending = request(`${served.url}/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    const answers = new Promise<string[]>((resolve, reject) => {
      const seen: string[] = [];
      sending.on('error', reject);
      sending.on('response', (response) => {
        response.setEncoding('utf8').on('data', (text: string) => {
          seen.push(text);
          if (seen.length === 1) sending.end(putLine('AA'));
        });
        response.on('end', () => {
          resolve(seen);
        });
      });
    });
    sending.write(putLine('UA'));
    const seen = (await answers).join('').split('\n').filter(Boolean);
    expect(seen.map((line) => asLine(line))).toMatchObject([{ key: 'UA' }, { key: 'AA' }]);
  });

  test('with more lines than it may have is executed up to there', async () => {
    const short = await Served.open({ maxLines: 3 });
    try {
      const { outcomes } = await short.sendLines(
        ['UA', 'AA', 'B6', 'DL', 'WN'].map((key) => putLine(key)).join(''),
      );
      expect(outcomes).toMatchObject([
        ...['UA', 'AA', 'B6'].map((key) => ({ key, outcome: 'accepted' })),
        { outcome: 'stopped', fromLine: 4, problem: { status: 413, code: 'batch-too-long' } },
      ]);
      expect(await short.side.store.outboxDepth()).toBe(3);
      expect((await short.sendLines(`\n\n\n${putLine('DL').trim()}`)).outcomes).toMatchObject([
        { outcome: 'stopped', fromLine: 4 },
      ]);
    } finally {
      await short.close();
    }
  });

  test('must say that it is lines', async () => {
    expect(await served.send('POST /commands', {})).toMatchObject({
      status: 415,
      body: { code: 'unsupported-media-type' },
    });
  });

  test('that meets the end of the service says from which line on nothing was done', async () => {
    served.app.get(NdjsonBody).beforeApplicationShutdown();
    const { outcomes } = await served.sendLines(`x\n${putLine('UA')}`);
    expect(outcomes).toMatchObject([
      { outcome: 'stopped', fromLine: 1, problem: { status: 503, code: 'shutting-down' } },
    ]);
  });

  test('whose store fails ends there, and tells nothing of our insides', async () => {
    await served.side.dropDatabase();
    const { outcomes } = await served.sendLines(carriers.map((key) => putLine(key)).join(''));
    expect(outcomes).toMatchObject([{ outcome: 'stopped', fromLine: 1 }]);
    expect(JSON.stringify(outcomes)).not.toContain('database');
  });
});

function asUnknown(value: unknown): unknown {
  return value;
}

function asLine(text: string): unknown {
  return JSON.parse(text);
}
