import { describe, expect, test } from '@jest/globals';
import type { StreamContract } from '@reprise/contracts';
import { defineView, row, share } from './definition.js';

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
    expect(view.project({ id: 'p', grams: 9 })).toEqual([
      { kind: 'row', key: 'p', row: { grams: 9 } },
      { kind: 'group', group: { heavy: 'yes' }, measures: { parcels: 1 } },
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
