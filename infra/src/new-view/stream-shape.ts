import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '@reprise/contracts';
import { z } from 'zod';
import { StartFailure } from '../failure.js';

/** A field of a stream's state that a row can hold as it is. */
export interface ShapeField {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'int' | 'long' | 'double' | { readonly symbols: readonly string[] };
  readonly isNullable: boolean;
  readonly doc: string;
  /** A value of it: from the stream's golden examples, where it has some. */
  readonly sample: unknown;
}

/** What of a stream's contract a first row is made from. */
export interface StreamShape {
  readonly name: string;
  /** The field that holds the entity's key. */
  readonly key: string;
  readonly fields: readonly ShapeField[];
  /** Fields that are lists or records: a row of them is for people to design. */
  readonly leftOut: readonly string[];
}

/** What the platform tells itself is no stream of entities to show. */
const platformTopics = 'reprise.';

const policy = z.object({ key: z.string() });
const stateRecord = z.object({
  fields: z.array(z.object({ name: z.string(), type: z.unknown(), doc: z.string().default('') })),
});
const golden = z.object({ deleted: z.boolean(), state: z.record(z.string(), z.unknown()) });
const enumeration = z.object({ type: z.literal('enum'), symbols: z.array(z.string()) });
const named = z.object({ type: z.string() });

/** @throws StartFailure when there is no such stream, or a view of the newest states cannot be made from it. */
export function readStreamShape(root: string, name: string): StreamShape {
  const streams = Object.values(catalogue).filter(({ topic }) => !topic.startsWith(platformTopics));
  const contract = streams.find((known) => known.name === name);
  if (!contract) {
    const fit = streams.filter(({ retention }) => retention === 'compacted').map((known) => known.name);
    throw new StartFailure(`There is no stream ${name} to show: there are ${fit.join(', ')}.`);
  }
  if (contract.retention !== 'compacted')
    throw new StartFailure(
      `${name} keeps every event: a view that folds them is written with defineHistoryView, as services/flight-timeline is.`,
    );
  const { key } = policy.parse(readJson(join(root, 'schemas', name, 'stream.json')));
  const state = stateRecord.parse(contract.schema.fields.find((field) => field.name === 'state')?.type);
  const example = exampleOf(join(root, 'schemas', name, 'golden'));
  const read = state.fields.map((field) => ({ name: field.name, field: shapeOf(field, example) }));
  const fields = read.flatMap(({ field }) => field ?? []);
  const keyField = fields.find((field) => field.name === key);
  if (keyField?.type !== 'string' || keyField.isNullable)
    throw new StartFailure(
      `The key of ${name}, ${key}, is not a string in every state: no row can be named by it.`,
    );
  return { name, key, fields, leftOut: read.flatMap((field) => (field.field ? [] : field.name)) };
}

/** Undefined: a row cannot hold it as it is. */
function shapeOf(
  { name, type, doc }: z.infer<typeof stateRecord>['fields'][number],
  example: Readonly<Record<string, unknown>>,
): ShapeField | undefined {
  const branches: unknown[] = Array.isArray(type) ? type : [type];
  const [held, ...others] = branches.filter((branch) => branch !== 'null');
  const isNullable = branches.includes('null');
  const scalar = others.length === 0 ? scalarOf(held) : undefined;
  if (scalar === undefined) return undefined;
  const sample = example[name] ?? (isNullable ? null : anyOf(scalar));
  return { name, type: scalar, isNullable, doc: doc.replace(/\.$/, ''), sample };
}

function scalarOf(type: unknown): ShapeField['type'] | undefined {
  const symbols = enumeration.safeParse(type).data?.symbols;
  if (symbols) return { symbols };
  switch (named.safeParse(type).data?.type ?? type) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'int':
      return 'int';
    case 'long':
      return 'long';
    case 'float':
    case 'double':
      return 'double';
  }
  return undefined;
}

function anyOf(type: ShapeField['type']): unknown {
  if (typeof type === 'object') return type.symbols[0];
  if (type === 'string') return 'some';
  return type === 'boolean' ? true : 1;
}

/** The state of the first example that is of an entity which is there. */
function exampleOf(folder: string): Readonly<Record<string, unknown>> {
  const names = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const examples = names.map((name) => golden.parse(readJson(join(folder, name))));
  return examples.find(({ deleted }) => !deleted)?.state ?? {};
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
