import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gate, id, TestCheckout, weight } from '../test/checkout.js';
import { checkContracts } from './check.js';
import { publish } from './publish.js';
import { loadViews } from './views.js';

let checkout: TestCheckout;

beforeEach(() => {
  checkout = new TestCheckout();
  checkout.edit([id, weight]);
  checkout.example({ id: 'a', weightGrams: 7 });
});
afterEach(() => {
  checkout.remove();
});

const at = (path: string): string => join(checkout.root, 'schemas/parcel', path);
const text = (path: string): string => readFileSync(at(path), 'utf8');
const published = () => publish(checkout.root, 'parcel', []);
/** Everything that a version is made of. */
const versions = (): string[] =>
  existsSync(at('versions')) ? readdirSync(at('versions'), { recursive: true }).map(String).toSorted() : [];

test('a version is the schema, its examples and its hash', () => {
  expect(published()).toEqual({ kind: 'published', version: 1, path: 'schemas/parcel/versions/1' });
  expect(versions()).toEqual([
    '1',
    '1/golden',
    '1/golden/ParcelWeighed.json',
    '1/schema.avsc',
    'hashes.json',
  ]);
  expect(text('versions/1/schema.avsc')).toBe(text('schema.avsc'));
  expect(checkContracts(checkout.root, { views: [], findings: [] }).findings).toEqual([]);
});

test('publishing twice publishes once', () => {
  published();
  expect(published()).toEqual({ kind: 'nothing-new', version: 1 });
});

test('the next version leaves the one before as it is', () => {
  published();
  const before = text('versions/1/schema.avsc');
  checkout.edit([id, weight, gate]);
  expect(published()).toMatchObject({ version: 2 });
  expect(text('versions/1/schema.avsc')).toBe(before);
  expect(Object.keys(JSON.parse(text('versions/hashes.json')) as object)).toEqual(['1', '2']);
});

test.each([
  ['that breaks a reader', [id, weight, { name: 'gate', type: 'string' }], 'breaks-readers'],
  ['that is no Avro', [id, { ...weight, default: 'much' }], 'not-a-contract'],
])('a schema %s is not published', (_, state, code) => {
  published();
  const before = versions();
  checkout.edit(state);
  expect(published()).toMatchObject({
    kind: 'refused',
    findings: expect.arrayContaining([expect.objectContaining({ code })]),
  });
  expect(versions()).toEqual(before);
});

test('examples must be events of the version', () => {
  checkout.example({ id: 'a', weightGrams: 'much' });
  expect(published()).toMatchObject({
    kind: 'refused',
    findings: [{ text: expect.stringContaining('state.weightGrams is not what the schema says') }],
  });
});

test('a field that a view reads is not taken away', async () => {
  checkout.edit([id, weight, gate]);
  published();
  checkout.view('parcel-list', ['gate']);
  checkout.edit([id, weight]);
  const { views } = await loadViews(checkout.root, 'default');
  expect(publish(checkout.root, 'parcel', views)).toMatchObject({
    kind: 'refused',
    findings: [{ code: 'breaks-view', text: expect.stringContaining('view parcel-list reads parcel.gate') }],
  });
});

test('what was interrupted before the hash was written is completed', () => {
  published();
  const pinned = text('versions/hashes.json');
  checkout.edit([id, weight, gate]);
  published();
  writeFileSync(at('versions/hashes.json'), pinned);
  expect(published()).toEqual({ kind: 'published', version: 2, path: 'schemas/parcel/versions/2' });
  expect(published()).toEqual({ kind: 'nothing-new', version: 2 });
});

test('nothing is put on top of a version that was changed', () => {
  published();
  checkout.edit([id, weight, gate]);
  writeFileSync(at('versions/1/schema.avsc'), text('schema.avsc'));
  const refused = published();
  expect(refused).toMatchObject({ kind: 'refused', findings: [{ code: 'version-changed', version: 1 }] });
});

test('an unknown stream is refused', () => {
  expect(() => publish(checkout.root, 'letters', [])).toThrow('there is no schemas/letters/schema.avsc');
});
