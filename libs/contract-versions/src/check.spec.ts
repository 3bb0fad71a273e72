import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gate, id, parcelSchema, TestCheckout, weight } from '../test/checkout.js';
import { checkContracts } from './check.js';
import { publish } from './publish.js';
import { loadViews } from './views.js';

let checkout: TestCheckout;

beforeEach(() => {
  checkout = new TestCheckout();
  checkout.edit([id, weight]);
  checkout.example({ id: 'a', weightGrams: 7 });
  expect(publish(checkout.root, 'parcel', []).kind).toBe('published');
});
afterEach(() => {
  checkout.remove();
});

/** Code and text of each finding. */
async function problems(): Promise<string[]> {
  const { findings } = checkContracts(checkout.root, await loadViews(checkout.root, 'default'));
  return findings.map(({ code, text }) => `${code}: ${text}`);
}

/** As somebody could who does not use the command. */
function publishByHand(version: number, state: Parameters<typeof parcelSchema>[0]): void {
  checkout.edit(state);
  checkout.write(`schemas/parcel/versions/${version}/schema.avsc`, parcelSchema(state));
}

describe('published versions', () => {
  test('that are as they were published are no problem, whatever their layout', async () => {
    checkout.write('schemas/parcel/versions/1/schema.avsc', JSON.stringify(parcelSchema([id, weight])));
    expect(await problems()).toEqual([]);
  });

  test.each([
    ['a type', [id, { ...weight, type: 'long' }]],
    ['a default', [id, { ...weight, default: 0 }]],
    ['a description', [id, { ...weight, doc: 'Grams.' }]],
  ])('are found when %s was changed in one', async (_, state) => {
    checkout.write('schemas/parcel/versions/1/schema.avsc', parcelSchema(state));
    expect((await problems())[0]).toMatch(
      /^version-changed: stream parcel: version 1 was changed after .* Bring schemas\/parcel\/versions\/1\/schema.avsc back/,
    );
  });

  test('are found when one is missing', async () => {
    checkout.edit([id, weight, gate]);
    publish(checkout.root, 'parcel', []);
    rmSync(join(checkout.root, 'schemas/parcel/versions/1'), { recursive: true });
    expect(await problems()).toEqual([
      expect.stringMatching(/^version-missing: stream parcel: version 1 is missing/),
    ]);
  });

  test('are found when one has no hash', async () => {
    publishByHand(2, [id, weight, gate]);
    expect(await problems()).toEqual([
      expect.stringMatching(
        /^version-unpinned: stream parcel: version 2 has no hash .* npx reprise contracts publish parcel$/,
      ),
    ]);
  });

  test('are what schema.avsc must be', async () => {
    checkout.edit([id, weight, gate]);
    expect(await problems()).toEqual([
      'unpublished: stream parcel: schemas/parcel/schema.avsc differs from version 1. Publish it: npx reprise contracts publish parcel',
    ]);
  });

  test('are told apart from files that cannot be read', async () => {
    checkout.write('schemas/parcel/schema.avsc', '{');
    expect(await problems()).toEqual([expect.stringMatching(/^not-a-contract: .*schema.avsc is not JSON/)]);
  });

  test('are looked at by Avro itself', async () => {
    checkout.edit([id, { ...weight, default: 'much' }]);
    expect(await problems()).toEqual([
      expect.stringMatching(/^not-a-contract: stream parcel: incompatible field default "much"/),
    ]);
  });
});

describe('readers of any version', () => {
  test('must be able to read all others: stream, field, versions and direction are named', async () => {
    publishByHand(2, [id, weight, gate]);
    publishByHand(3, [id, weight, { name: 'gate', type: 'string' }]);
    expect(await problems()).toContain(
      'breaks-readers: stream parcel, field state.gate: who reads by version 3 cannot read what version 1 writes (backward): there it is not, and it has no default',
    );
  });

  test('must find in a record what they found before', async () => {
    publishByHand(2, [id, weight, gate]);
    publishByHand(3, [id, weight, { ...gate, default: '-' }]);
    expect(await problems()).toContainEqual(
      expect.stringMatching(
        /^changes-meaning: stream parcel, field state.gate: its default is "\?" in version 2 and "-" in version 3/,
      ),
    );
  });
});

describe('views', () => {
  test('that read what every version tells are no problem', async () => {
    checkout.view('parcel-list', ['id', 'weightGrams']);
    expect(await problems()).toEqual([]);
  });

  test('are found by their package.json, and named with the field that no version has', async () => {
    checkout.view('parcel-list', ['id', 'gate']);
    expect(await problems()).toEqual([
      'breaks-view: view parcel-list reads parcel.gate, which no version has',
    ]);
  });

  test('are named with the field that the newest version no longer has', async () => {
    checkout.edit([id, weight, gate]);
    publish(checkout.root, 'parcel', []);
    checkout.edit([id, weight]);
    publish(checkout.root, 'parcel', []);
    checkout.view('parcel-list', ['gate']);
    expect(await problems()).toEqual([
      'breaks-view: view parcel-list reads parcel.gate, which version 3 no longer has (version 2 had it)',
    ]);
  });

  test('are named with the version that tells nothing of the field', async () => {
    publishByHand(2, [id, weight, { name: 'gate', type: 'string' }]);
    checkout.view('parcel-list', ['gate']);
    expect(await problems()).toContain(
      'breaks-view: view parcel-list reads parcel.gate, which version 1 does not tell (there it is not, and it has no default)',
    );
  });

  test('are named when they read a stream that there is not', async () => {
    checkout.view('parcel-list', ['id']);
    rmSync(join(checkout.root, 'schemas/parcel'), { recursive: true });
    expect(await problems()).toEqual([
      'breaks-view: view parcel-list reads stream parcel, which is not under schemas/',
    ]);
  });

  test('must take the examples of every version', async () => {
    checkout.edit([id, weight, gate]);
    checkout.example({ id: 'a', weightGrams: 7, gate: 'B4' });
    publish(checkout.root, 'parcel', []);
    checkout.view(
      'parcel-list',
      ['gate'],
      '({ gate }) => { if (gate === "?") throw new Error("no gate"); return []; }',
    );
    expect(await problems()).toEqual([
      'example-broken: stream parcel, version 1: schemas/parcel/versions/1/golden/ParcelWeighed.json cannot be taken by view parcel-list: no gate',
    ]);
  });

  test('that cannot be looked at are named, with the reason', async () => {
    checkout.view('parcel-list', ['id']);
    rmSync(join(checkout.root, 'services/parcel-list/view.mjs'));
    expect(await problems()).toEqual([
      expect.stringMatching(
        /^view-unusable: the view of services\/parcel-list cannot be looked at: .* not built yet: npm run build/,
      ),
    ]);
  });
});
