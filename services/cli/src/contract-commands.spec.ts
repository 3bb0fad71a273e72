import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gate, id, TestCheckout, weight } from '../../../libs/contract-versions/test/checkout.js';
import { program } from './program.js';

const root = join(import.meta.dirname, '../../..');
let checkout: TestCheckout;

beforeEach(async () => {
  checkout = new TestCheckout();
  checkout.edit([id, weight]);
  checkout.view('parcel-list', ['id', 'weightGrams']);
  expect(await contracts('publish', 'parcel')).toMatchObject({ failure: undefined });
});
afterEach(() => {
  checkout.remove();
});

/** Runs `reprise contracts …` on the test's checkout. */
function contracts(...args: string[]): Promise<Said> {
  return reprise('contracts', '--checkout', checkout.root, ...args);
}

interface Said {
  readonly said: string;
  readonly failure: string | undefined;
}

async function reprise(...args: string[]): Promise<Said> {
  const output = new PassThrough();
  const said: string[] = [];
  output.on('data', (chunk) => said.push(String(chunk)));
  const config = { controlUrl: 'http://127.0.0.1:1', actor: 'ann' };
  const root = program(config, output);
  const failure = await root.parseAsync(['node', 'reprise', ...args]).then(
    () => undefined,
    (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
  );
  return { said: said.join(''), failure };
}

test('a sound checkout is told as such', async () => {
  expect(await contracts('check')).toEqual({
    said: '1 streams, 1 published versions, 1 views: each version reads all others, each view reads all versions\n',
    failure: undefined,
  });
});

test('what is wrong is told in a line each, and ends with a failure', async () => {
  checkout.edit([id]);
  checkout.view('gate-list', ['gate']);
  const { said, failure } = await contracts('check');
  expect(said.split('\n')).toEqual([
    expect.stringMatching(/^stream parcel: schemas\/parcel\/schema.avsc differs from version 1. Publish it/),
    expect.stringMatching(/^stream parcel, field state.weightGrams: .*\(forward\)/),
    'view gate-list reads parcel.gate, which no version has',
    expect.stringMatching(/^view parcel-list reads parcel.weightGrams, which .* no longer has/),
    '',
  ]);
  expect(failure).toBe('There are 4 problems.');
});

test('it is told to machines as well', async () => {
  checkout.edit([id, weight, gate]);
  const { said } = await reprise('--json', 'contracts', '--checkout', checkout.root, 'check');
  expect(JSON.parse(said)).toMatchObject({
    streams: 1,
    findings: [{ stream: 'parcel', code: 'unpublished' }],
  });
});

test('a difference is told field by field', async () => {
  checkout.edit([id, weight, gate]);
  expect(await contracts('diff', 'parcel')).toEqual({
    said: [
      'parcel: from version 1 to schema.avsc (not published)',
      'CHANGE  FIELD       TYPE = DEFAULT',
      'added   state.gate  string = "?"',
      '',
    ].join('\n'),
    failure: undefined,
  });
  expect((await contracts('diff', 'parcel', '1', '1')).said).toBe(
    'parcel: version 1 and version 1 are the same\n',
  );
  expect(await contracts('diff', 'parcel', '1', '9')).toEqual({
    said: '',
    failure: 'stream parcel has versions 1 to 2, not 9',
  });
});

test('who reads a stream or a field is told, with all that it reads', async () => {
  const lines = [
    'VIEW         DEFINITION  STREAM  JOINED AS  READS',
    'parcel-list  1           parcel  -          id, weightGrams',
    '',
  ];
  expect((await contracts('consumers', 'parcel')).said).toBe(lines.join('\n'));
  expect((await contracts('consumers', 'parcel.weightGrams')).said).toBe(lines.join('\n'));
  checkout.edit([id, weight, gate]);
  expect((await contracts('consumers', 'parcel.gate')).said).toBe('No view reads parcel.gate.\n');
  expect((await contracts('consumers', 'parcel.colour')).failure).toBe(
    'no version of stream parcel has a field colour',
  );
  expect((await contracts('consumers', 'letter')).failure).toBe(
    'There is no stream letter. There are: parcel',
  );
});

test('a version is published once', async () => {
  checkout.edit([id, weight, gate]);
  expect((await contracts('publish', 'parcel')).said).toBe(
    'version 2 of parcel is published: schemas/parcel/versions/2\n',
  );
  expect((await contracts('publish', 'parcel')).said).toBe(
    'schemas/parcel/schema.avsc is version 2 already\n',
  );
});

test('what would break somebody is not published, and each reason is told', async () => {
  checkout.edit([id, { name: 'gate', type: 'string' }]);
  const { failure } = await contracts('publish', 'parcel');
  expect(failure?.split('\n')).toEqual([
    'nothing was published:',
    expect.stringMatching(/^stream parcel, field state.gate: .*\(backward\)/),
    expect.stringMatching(/^stream parcel, field state.weightGrams: .*\(forward\)/),
    expect.stringMatching(/^view parcel-list reads parcel.weightGrams/),
  ]);
  expect((await contracts('check')).failure).toBeDefined();
});

test('nothing is published while a view cannot be asked', async () => {
  checkout.edit([id, weight, gate]);
  checkout.view('broken-list', ['id']);
  checkout.write('services/broken-list/view.mjs', 'export const view = undefined;\n');
  expect((await contracts('publish', 'parcel')).failure).toMatch(
    /^nothing was published:\nthe view of services\/broken-list/,
  );
});

test('the views of this checkout are known to read what they declare', async () => {
  const { said } = await reprise('contracts', '--checkout', root, 'consumers', 'flight.status');
  expect(said).toMatch(/^flight-timeline .* flight-history /m);
  expect(said).toMatch(/^route-punctuality /m);
});
