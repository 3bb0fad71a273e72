import type { AvroField, AvroRecordSchema } from '@reprise/contracts';
import { parcelSchema } from './checkout.js';

/** In which direction readers break; `meaning`: nobody does, but the same bytes would tell something else. */
export type Verdict = 'compatible' | 'backward' | 'forward' | 'both' | 'meaning' | 'not-avro';

/** A change of the contract, and what is to be said of it. */
export interface Change {
  readonly name: string;
  readonly before: AvroRecordSchema;
  readonly after: AvroRecordSchema;
  readonly verdict: Verdict;
  /** Why the registry takes what we refuse; undefined: it says the same. */
  readonly registryTakesIt?: string;
}

const id: AvroField = { name: 'id', type: 'string' };
const of = (...fields: AvroField[]): AvroRecordSchema => parcelSchema([id, ...fields]);
const field = (type: unknown, more: object = {}): AvroRecordSchema => of({ name: 'x', type, ...more });
const grade = (symbols: string[], more: object = {}): object => ({
  type: 'enum',
  name: 'Grade',
  symbols,
  ...more,
});
const place = (fields: AvroField[], name = 'Place'): object => ({ type: 'record', name, fields });
const city: AvroField = { name: 'city', type: 'string' };
const moment = (logicalType?: string): object => ({ type: 'long', ...(logicalType && { logicalType }) });

type Row = readonly [
  name: string,
  before: AvroRecordSchema,
  after: AvroRecordSchema,
  verdict: Verdict,
  registryTakesIt?: string,
];

const rows: readonly Row[] = [
  ['a field with a default is added', of(), field('string', { default: '' }), 'compatible'],
  ['a field without a default is added', of(), field('string'), 'backward'],
  ['a field with a default is removed', field('string', { default: '' }), of(), 'compatible'],
  ['a field without a default is removed', field('string'), of(), 'forward'],
  ['an int becomes a long', field('int'), field('long'), 'forward'],
  ['a long becomes an int', field('long'), field('int'), 'backward'],
  ['an int becomes a double', field('int'), field('double'), 'forward'],
  ['a string becomes an int', field('string'), field('int'), 'both'],
  ['a string becomes bytes', field('string'), field('bytes'), 'compatible'],
  ['a string becomes nullable', field('string'), field(['null', 'string']), 'forward'],
  ['a nullable string becomes a string', field(['null', 'string']), field('string'), 'backward'],
  ['a union gets a branch', field(['null', 'string']), field(['null', 'string', 'int']), 'forward'],
  [
    'the branches of a union change places',
    field(['null', 'string']),
    field(['string', 'null']),
    'compatible',
  ],
  [
    'a default that is not of the first branch',
    of(),
    field(['string', 'null'], { default: null }),
    'not-avro',
    'its Avro is newer, and lets a default be of any branch',
  ],
  ['a default of another type', of(), field('int', { default: 'none' }), 'not-avro'],
  ['an enum gets a symbol', field(grade(['A'])), field(grade(['A', 'B'])), 'forward'],
  [
    'an enum with a default gets a symbol',
    field(grade(['A'], { default: 'A' })),
    field(grade(['A', 'B'], { default: 'A' })),
    'compatible',
  ],
  ['an enum loses a symbol', field(grade(['A', 'B'])), field(grade(['A'])), 'backward'],
  ['the symbols of an enum change places', field(grade(['A', 'B'])), field(grade(['B', 'A'])), 'compatible'],
  [
    'a field is renamed, with an alias',
    field('string'),
    of({ name: 'y', type: 'string', ...{ aliases: ['x'] } }),
    'forward',
  ],
  [
    'a field with a default is renamed, with an alias',
    field('string', { default: '' }),
    of({ name: 'y', type: 'string', default: '', ...{ aliases: ['x'] } }),
    'compatible',
  ],
  [
    'a default changes',
    field('string', { default: 'a' }),
    field('string', { default: 'b' }),
    'meaning',
    'it looks at types only',
  ],
  ['a field gets a default', field('string'), field('string', { default: '' }), 'compatible'],
  ['a field loses its default', field('string', { default: '' }), field('string'), 'compatible'],
  [
    'milliseconds become microseconds',
    field(moment('timestamp-millis')),
    field(moment('timestamp-micros')),
    'meaning',
    'both are longs',
  ],
  [
    'a plain number becomes a time',
    field(moment()),
    field(moment('timestamp-millis')),
    'meaning',
    'both are longs',
  ],
  [
    'a record within gets a field with a default',
    field(place([city])),
    field(place([city, { name: 'zip', type: 'string', default: '' }])),
    'compatible',
  ],
  [
    'a record within gets a field without a default',
    field(place([city])),
    field(place([city, { name: 'zip', type: 'string' }])),
    'backward',
  ],
  [
    'a record in a union loses a field without a default',
    field(['null', place([city, { name: 'zip', type: 'string' }])]),
    field(['null', place([city])]),
    'forward',
  ],
  ['a record within is renamed', field(place([city])), field(place([city], 'Site')), 'both'],
  [
    'the items of an array change',
    field({ type: 'array', items: 'int' }),
    field({ type: 'array', items: 'string' }),
    'both',
  ],
  [
    'the values of a map widen',
    field({ type: 'map', values: 'int' }),
    field({ type: 'map', values: 'long' }),
    'forward',
  ],
  [
    'a fixed grows',
    field({ type: 'fixed', name: 'Code', size: 2 }),
    field({ type: 'fixed', name: 'Code', size: 3 }),
    'both',
  ],
  [
    'the namespace changes',
    of(),
    parcelSchema([id], 'elsewhere'),
    'both',
    'it compares names without namespaces',
  ],
  ['a description changes', field('string', { doc: 'one' }), field('string', { doc: 'other' }), 'compatible'],
];

/** Changes as teams make them. */
export const changes: readonly Change[] = rows.map(([name, before, after, verdict, registryTakesIt]) => ({
  name,
  before,
  after,
  verdict,
  ...(registryTakesIt === undefined ? {} : { registryTakesIt }),
}));
