import type { AvroRecordSchema } from '@reprise/contracts';

/** A field of a schema, as people and comparisons see it. */
export interface FieldShape {
  /** As `null | string`. */
  readonly type: string;
  /** What its number means, as `timestamp-millis`. */
  readonly logicalType: string | undefined;
  /** As JSON; undefined when there is none. */
  readonly default: string | undefined;
  readonly doc: string | undefined;
}

/** Every field by its path, as `state.gate` or `state.generations[].number`. */
export function fieldsOf(schema: AvroRecordSchema): ReadonlyMap<string, FieldShape> {
  const found = new Map<string, FieldShape>();
  collect(schema, { path: '', within: [], named: new Map(), found });
  return found;
}

interface Walk {
  readonly path: string;
  /** Names of the records that this one lies in: a record may hold itself. */
  readonly within: readonly string[];
  /** Records and enums that were declared so far: later they go by their names. */
  readonly named: Map<string, ComplexSchema>;
  readonly found: Map<string, FieldShape>;
}

interface ComplexSchema {
  readonly type: unknown;
  readonly [attribute: string]: unknown;
}

function collect(schema: unknown, walk: Walk): void {
  if (Array.isArray(schema)) {
    for (const branch of schema) collect(branch, walk);
    return;
  }
  const declared = typeof schema === 'string' ? walk.named.get(schema) : schema;
  if (!isComplex(declared)) return;
  remember(declared, walk.named);
  if (declared.type === 'array') collect(declared['items'], { ...walk, path: `${walk.path}[]` });
  else if (declared.type === 'map') collect(declared['values'], { ...walk, path: `${walk.path}{}` });
  else if (declared.type === 'record') collectFields(declared, walk);
  else if (typeof declared.type === 'object') collect(declared.type, walk);
}

function collectFields(record: ComplexSchema, walk: Walk): void {
  const name = String(record['name']);
  if (walk.within.includes(name) || !Array.isArray(record['fields'])) return;
  for (const field of record['fields'] as readonly unknown[]) {
    if (!isComplex(field)) continue;
    const path = [walk.path, String(field['name'])].filter(Boolean).join('.');
    walk.found.set(path, shapeOf(field));
    collect(field.type, { ...walk, path, within: [...walk.within, name] });
  }
}

function shapeOf(field: ComplexSchema): FieldShape {
  return {
    type: typeText(field.type),
    logicalType: logicalTypeOf(field.type),
    default: field['default'] === undefined ? undefined : JSON.stringify(field['default']),
    doc: typeof field['doc'] === 'string' ? field['doc'] : undefined,
  };
}

/** A type in one line, as `null | string` or `Generation[]`. */
export function typeText(type: unknown): string {
  if (Array.isArray(type)) return type.map(typeText).join(' | ');
  if (!isComplex(type)) return String(type);
  const { name, symbols, items, values, size, logicalType } = type;
  if (type.type === 'array') return `${typeText(items)}[]`;
  if (type.type === 'map') return `map of ${typeText(values)}`;
  if (type.type === 'enum') return `${String(name)} (${Array.isArray(symbols) ? symbols.join(', ') : ''})`;
  if (type.type === 'record') return String(name);
  if (type.type === 'fixed') return `${String(name)} (${String(size)} bytes)`;
  const plain = typeText(type.type);
  return typeof logicalType === 'string' ? `${plain} (${logicalType})` : plain;
}

/** Of the type itself, or of the branch of a union or the item that has one. */
function logicalTypeOf(type: unknown): string | undefined {
  if (Array.isArray(type)) return type.map(logicalTypeOf).find((found) => found !== undefined);
  if (!isComplex(type)) return undefined;
  if (typeof type['logicalType'] === 'string') return type['logicalType'];
  return type.type === 'record' ? undefined : logicalTypeOf(type['items'] ?? type['values']);
}

function remember(schema: ComplexSchema, named: Map<string, ComplexSchema>): void {
  const { name, namespace } = schema;
  if (typeof name !== 'string') return;
  named.set(name, schema);
  if (typeof namespace === 'string') named.set(`${namespace}.${name}`, schema);
}

function isComplex(schema: unknown): schema is ComplexSchema {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) && 'type' in schema;
}
