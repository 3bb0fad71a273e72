import type { LoadBatch } from '@reprise/view-store';
import type { Contributed, ViewChange } from '@reprise/view';
import { storeError } from './errors.js';
import { referenceSet, rowId, type RedisLayout } from './layout.js';
import { isToldByRow, ledgerText, storedRowText } from './ledger.js';

/** A script runs alone, and readers wait meanwhile: no more entities than that in one. */
const entitiesPerScript = 250;

export interface LoadPart<Row> {
  readonly partition: string;
  readonly contributed: readonly (readonly [string, Contributed])[];
  readonly puts: readonly Extract<ViewChange<Row>, { kind: 'put' }>[];
}

/** The batch in parts, each with whether it is the last. There is always one. */
export function* partsOf<Row>({
  claim,
  contributed,
  changes,
}: LoadBatch<Row>): Iterable<[LoadPart<Row>, boolean]> {
  const { partition } = claim;
  const puts = Map.groupBy(changes.map(asPut), ({ entity }) => entity);
  const entities = [...contributed];
  for (let from = 0; from === 0 || from < entities.length; from += entitiesPerScript) {
    const some = entities.slice(from, from + entitiesPerScript);
    const part = { partition, contributed: some, puts: some.flatMap(([entity]) => puts.get(entity) ?? []) };
    yield [part, from + entitiesPerScript >= entities.length];
  }
}

/** The part without some of its entities. */
export function without<Row>(part: LoadPart<Row>, entities: ReadonlySet<string>): LoadPart<Row> {
  return {
    ...part,
    contributed: part.contributed.filter(([entity]) => !entities.has(entity)),
    puts: part.puts.filter(({ entity }) => !entities.has(entity)),
  };
}

function asPut<Row>(change: ViewChange<Row>): Extract<ViewChange<Row>, { kind: 'put' }> {
  if (change.kind === 'put') return change;
  if (change.kind === 'add')
    throw storeError('contribution-unsupported', 'Redis holds rows only: this view contributes to groups');
  throw new RangeError(`a load removes nothing, and ${change.entity} lost ${change.key}`);
}

/** As the script takes them: lists that begin with how many arguments follow. */
export function loadArguments<Row>(
  { partition, contributed, puts }: LoadPart<Row>,
  layout: RedisLayout<Row>,
): string[] {
  const rows: string[] = [];
  const indexes = new Map<string, string[]>();
  for (const { entity, key, row, version } of puts) {
    const id = rowId(entity, key);
    const places = layout.indexes(row).map(({ index, score }) => [index, score] as const);
    rows.push(id, storedRowText(row, { version, indexes: places }));
    for (const [index, score] of places) listIn(indexes, index).push(String(score), id);
  }
  const ledger: string[] = [];
  const references = new Map<string, string[]>();
  for (const [entity, entry] of contributed) {
    if (!isToldByRow(entity, entry)) ledger.push(entity, ledgerText(entry));
    for (const reference of entry.references)
      listIn(references, referenceSet(partition, reference)).push(entity);
  }
  return [...counted(ledger), ...counted(rows), ...named(indexes), ...named(references)];
}

function counted(list: readonly string[]): string[] {
  return [String(list.length), ...list];
}

function named(lists: ReadonlyMap<string, readonly string[]>): string[] {
  return [String(lists.size), ...[...lists].flatMap(([name, list]) => [name, ...counted(list)])];
}

function listIn(lists: Map<string, string[]>, name: string): string[] {
  const known = lists.get(name);
  if (known) return known;
  const made: string[] = [];
  lists.set(name, made);
  return made;
}
