import { describe, expect, test } from '@jest/globals';
import type { StreamContract } from '@reprise/contracts';
import { defineHistoryView, defineView, row, share } from './definition.js';
import { projector, reference, referenceStreams } from './reference.js';

interface Parcel {
  readonly id: string;
  readonly grams: number;
}

const parcels: StreamContract<Parcel> = {
  name: 'parcel',
  topic: 'suite.parcel',
  subject: 'suite.parcel-value',
  partitions: 1,
  retention: 'compacted',
  settings: {},
  schema: {
    type: 'record',
    name: 'ParcelEvent',
    fields: [
      { name: 'version', type: 'long' },
      {
        name: 'state',
        type: {
          type: 'record',
          name: 'Parcel',
          fields: [
            { name: 'id', type: 'string' },
            { name: 'grams', type: 'int' },
          ],
        },
      },
    ],
  },
};

const definition = {
  name: 'heavy-parcels',
  version: 1,
  source: parcels,
  fields: ['id', 'grams'] as const,
  project: ({ id, grams }: Parcel) => [
    row(id, { grams }),
    share({ heavy: grams > 5 ? 'yes' : 'no' }, { parcels: 1 }),
  ],
};

describe('defining a view', () => {
  test('keeps what was declared and projects with it', () => {
    const view = defineView(definition);
    expect(view).toMatchObject({
      name: 'heavy-parcels',
      version: 1,
      source: parcels,
      fields: ['id', 'grams'],
    });
    expect(view.project({ id: 'p', grams: 9 }, {})).toEqual([
      { kind: 'row', key: 'p', row: { grams: 9 } },
      { kind: 'group', group: { heavy: 'yes' }, measures: { parcels: 1 }, extremes: {} },
    ]);
  });

  test.each(['', 'Heavy', 'heavy_parcels', '-heavy', 'heavy-', '1heavy', 'heavy--parcels', 'heavy/x'])(
    'refuses the name "%s"',
    (name) => {
      expect(() => defineView({ ...definition, name })).toThrow(`not a view's name: ${name}`);
    },
  );

  test.each([0, -1, 1.5, Number.NaN])('refuses the version %p', (version) => {
    expect(() => defineView({ ...definition, version })).toThrow('version must be 1, 2, 3');
  });

  test('refuses fields that the stream does not have, and names all of them', () => {
    const { name, topic, subject, partitions, retention, settings, schema } = parcels;
    // A type that promises more than the schema has, as a hand-written one might.
    const source: StreamContract<Parcel & { colour: string; shape: string }> = {
      ...{ name, topic, subject, partitions, retention, settings, schema },
    };
    const fields = ['id', 'colour', 'shape'] as const;
    expect(() =>
      defineView({ name: 'heavy-parcels', version: 1, source, fields, project: () => [] }),
    ).toThrow('heavy-parcels reads colour, shape: not in stream parcel');
  });

  test('refuses a stream without a state record', () => {
    const source: StreamContract<Parcel> = { ...parcels, schema: { ...parcels.schema, fields: [] } };
    expect(() => defineView({ ...definition, source })).toThrow('stream parcel has no state record');
  });
});

describe('a view that joins other streams', () => {
  const joining = defineView({
    ...definition,
    references: { same: reference('id', parcels, ['grams']), again: reference('id', parcels, ['id']) },
    project: ({ id }: Parcel, { same }) => [row(id, { grams: same?.grams ?? null })],
  });

  test('is given what each reference holds, and null for what is not there', () => {
    const present = projector(joining, (stream, key) => (key === 'p' ? { stream, grams: 7 } : null));
    expect(present.project({ id: 'p', grams: 1 })).toMatchObject([{ row: { grams: 7 } }]);
    expect(present.project({ id: 'q', grams: 1 })).toMatchObject([{ row: { grams: null } }]);
  });

  test('refers to each entity once, and to none where the field is empty', () => {
    const { referencesOf, keepsState } = projector(joining, () => null);
    expect(keepsState).toBe(true);
    expect(referencesOf({ id: 'p', grams: 1 })).toEqual(['parcel/p']);
    expect(referencesOf({ id: null, grams: 1 })).toEqual([]);
    expect(referencesOf({ grams: 1 })).toEqual([]);
  });

  test('follows each stream once, with all fields that any reference reads', () => {
    expect(referenceStreams(joining)).toEqual([{ source: parcels, fields: ['grams', 'id'] }]);
  });

  test('is refused when a reference reads a field that its stream does not have', () => {
    const colour = { by: 'id', source: parcels, fields: ['colour'] } as const;
    expect(() => defineView({ ...definition, references: { colour } })).toThrow(
      'heavy-parcels, reference colour reads colour: not in stream parcel',
    );
  });
});

describe('a view of what happened', () => {
  const history: StreamContract<Parcel> = { ...parcels, name: 'parcel-history', retention: 'history' };
  const folding = {
    ...definition,
    source: history,
    initial: 0,
    evolve: (sum: number, { state }: { state: Parcel }) => sum + state.grams,
    project: (sum: number) => [row('sum', { grams: sum })],
  };

  test('folds events and projects the result', () => {
    const view = defineHistoryView(folding);
    const { fold } = view;
    const fact = { event: 'ParcelSent', version: 1, occurredAt: 0, changed: [], deleted: false };
    expect(fold?.evolve(fold.initial, { ...fact, state: { id: 'p', grams: 4 } })).toBe(4);
    expect(view.project(9, {})).toEqual([row('sum', { grams: 9 })]);
  });

  test('is refused over a compacted stream, with the reason', () => {
    expect(() => defineHistoryView({ ...folding, source: parcels })).toThrow(
      /heavy-parcels folds every event of stream parcel, which is compacted .* fold a history stream/,
    );
  });
});
