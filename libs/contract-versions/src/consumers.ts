import { readerSchema, stateSchema } from '@reprise/contracts';
import type { AnyView } from '@reprise/view';
import { unreadable } from './compatibility.js';
import { schemasOf, type ContractFolder, type NamedSchema } from './contract-folder.js';
import type { Finding } from './finding.js';

/** What a view reads of one stream: its contract with whoever writes it. */
export interface Consumer {
  readonly view: string;
  /** Of the view's definition. */
  readonly definitionVersion: number;
  readonly stream: string;
  /** The name that the definition gave the joined stream; undefined for the view's source. */
  readonly joinedAs: string | undefined;
  readonly fields: readonly string[];
}

export function consumersIn({ name, version, source, fields, references }: AnyView<unknown>): Consumer[] {
  const of = { view: name, definitionVersion: version };
  return [
    { ...of, stream: source.name, joinedAs: undefined, fields },
    ...references.map((joined) => ({
      ...of,
      stream: joined.source.name,
      joinedAs: joined.name,
      fields: joined.fields,
    })),
  ];
}

/**
 * Who reads a stream, or one field of it, also where a history stream tells it.
 * @throws RangeError when no version has such a field.
 */
export function consumersOf(
  folder: ContractFolder,
  { views, field }: { views: readonly AnyView<unknown>[]; field?: string | undefined },
): readonly Consumer[] {
  const { stream: name, streams } = folder;
  if (field !== undefined && !schemasOf(folder).some((schema) => hasField(schema, field)))
    throw new RangeError(`no version of stream ${name} has a field ${field}`);
  return views
    .flatMap(consumersIn)
    .filter(({ stream }) => streams.includes(stream))
    .filter(({ fields }) => field === undefined || fields.includes(field));
}

/** What the consumer reads and some version of the stream's contract does not tell. */
export function consumerFindings(consumer: Consumer, folder: ContractFolder): readonly Finding[] {
  const schemas = schemasOf(folder);
  const newest = schemas.at(-1);
  if (!newest) return [];
  const kept = consumer.fields.filter((field) => hasField(newest, field));
  const gone = consumer.fields
    .filter((field) => !kept.includes(field))
    .map((field) => finding(consumer, `state.${field}`, whyGone(field, schemas, newest)));
  const reader = readerSchema(newest.schema, kept);
  const unread = schemas.flatMap((writer) =>
    unreadable(reader, writer.schema).map(({ field, reason }) =>
      finding(consumer, field, `which ${writer.label} does not tell (${reason})`),
    ),
  );
  return [...gone, ...unread];
}

function hasField({ schema }: NamedSchema, field: string): boolean {
  return stateSchema(schema).fields.some(({ name }) => name === field);
}

function whyGone(field: string, schemas: readonly NamedSchema[], newest: NamedSchema): string {
  const last = schemas.findLast((schema) => hasField(schema, field));
  return last ? `which ${newest.label} no longer has (${last.label} had it)` : 'which no version has';
}

function finding({ view, stream, joinedAs }: Consumer, field: string, reason: string): Finding {
  const path = field.replace(/^state\.?/, '') || 'the event itself';
  const joined = joinedAs === undefined ? '' : ` (joined as ${joinedAs})`;
  return {
    stream,
    code: 'breaks-view',
    text: `view ${view} reads ${stream}.${path}${joined}, ${reason}`,
  };
}

/** The stream of each consumer has a contract. */
export function viewFindings(
  views: readonly AnyView<unknown>[],
  folders: readonly ContractFolder[],
): readonly Finding[] {
  return views.flatMap(consumersIn).flatMap((consumer) => {
    const folder = folders.find(({ streams }) => streams.includes(consumer.stream));
    if (!folder)
      return {
        stream: consumer.stream,
        code: 'breaks-view' as const,
        text: `view ${consumer.view} reads stream ${consumer.stream}, which is not under schemas/`,
      };
    try {
      return consumerFindings(consumer, folder);
    } catch {
      // A schema is no Avro: that is told of the stream.
      return [];
    }
  });
}
