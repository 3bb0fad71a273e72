import fc from 'fast-check';
import { z } from 'zod';

const schemaForm = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  anyOf: z.array(z.unknown()).optional(),
});

/** Texts that have opened something somewhere. None of them names what our insides are made of. */
export const hostileTexts = [
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '\uffff', '\u202e', '🛫'.repeat(50), 'x'.repeat(5_000)],
  ...["' OR 1=1 --", '"; DROP TABLE x; --', '%00', '%', '%%', '%zz', '../../../../etc/passwd', '..%2f..%2f'],
  ...[
    '${jndi:ldap://x}',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '*',
    '?',
    '~',
    '(((((',
    '\\',
    '[',
    'a AND b:*',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'null',
    'undefined',
    'NaN',
    'true',
    '-0',
    '1e309',
    '0x10',
    '१२३',
  ],
  ...[
    '9007199254740993',
    '-9223372036854775809',
    '18446744073709551616',
    '2013-02-30',
    '0000-01-01T00:00:00Z',
  ],
  ...[
    '2013-01-01T00:00:00+23:59',
    '+275760-09-13T00:00:00Z',
    '9999-12-31T23:59:59.999999999Z',
    '\r\nX: y',
    ',',
  ],
];

const hostileNumbers = [0, -0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, Number.MIN_VALUE];

const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1);

export const hostileText = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

/** Anything that JSON can say, and some things that no schema of ours means. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(...hostileNumbers, null, true, [], {}, deep, { __proto__: null, constructor: {} }),
  fc.jsonValue({ maxDepth: 3 }),
);

const goodTexts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'date-time': fc
    .date({ min: new Date('2012-01-01'), max: new Date('2015-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  date: fc.constantFrom('2013-01-01', '2013-12-31', '2012-02-29'),
  uuid: fc.uuid(),
};

/** Values that a schema of an OpenAPI document allows, as far as it tells. */
export function valuesOf(written: unknown): fc.Arbitrary<unknown> {
  const schema = schemaForm.parse(written ?? {});
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valuesOf));
  switch (schema.type) {
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, of]) => [name, valuesOf(of)])),
        { requiredKeys: schema.required ?? [] },
      );
    case 'array':
      return fc.array(valuesOf(schema.items), { maxLength: 5 });
    case 'integer':
      return fc.integer(rangeOf(schema, 1_000_000));
    case 'number':
      return fc.double({ ...rangeOf(schema, 1e6), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return textsOf(schema);
    case undefined:
    default:
      return hostileValue;
  }
}

/** As {@link valuesOf}, but that something in it may be wrong: a field too many or too few, or of another kind. */
export function nearlyValid(written: unknown): fc.Arbitrary<unknown> {
  const good = valuesOf(written);
  return fc.oneof(
    { weight: 3, arbitrary: good },
    {
      weight: 3,
      arbitrary: fc
        .tuple(good, fc.nat(), fc.oneof(hostileText, hostileValue), hostileText)
        .map(([value, place, other, name]) => spoilt(value, place, { other, name })),
    },
    { weight: 1, arbitrary: hostileValue },
  );
}

function spoilt(value: unknown, place: number, { other, name }: { other: unknown; name: string }): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return other;
  const names = Object.keys(value);
  const chosen = names[place % (names.length + 1)] ?? name;
  return place % 5 === 0
    ? Object.fromEntries(Object.entries(value).filter(([field]) => field !== chosen))
    : { ...value, [chosen]: other };
}

function rangeOf(
  { minimum, maximum }: { minimum?: number | undefined; maximum?: number | undefined },
  far: number,
): { min: number; max: number } {
  const min = Math.max(minimum ?? -far, Number.MIN_SAFE_INTEGER);
  return { min, max: Math.max(min, Math.min(maximum ?? far, Number.MAX_SAFE_INTEGER)) };
}

function textsOf(schema: z.output<typeof schemaForm>): fc.Arbitrary<string> {
  const good = goodTexts[schema.format ?? ''];
  if (good) return good;
  if (schema.pattern !== undefined && isPlain(schema.pattern))
    return fc.stringMatching(new RegExp(schema.pattern));
  return fc.string({ minLength: 1, maxLength: Math.min(schema.maxLength ?? 40, 200) });
}

/** What the generator of texts can take apart. */
function isPlain(pattern: string): boolean {
  try {
    fc.stringMatching(new RegExp(pattern));
    return true;
  } catch {
    return false;
  }
}
