import type { Contributed, ReferenceLinks, ViewChange } from '@reprise/view';
import type { ViewBatch } from '@reprise/view-store';
import { storeError } from './errors.js';
import { referenceSet, rowId, type RedisLayout } from './layout.js';
import { isToldByRow, ledgerContent, storedRowText } from './ledger.js';

/** A batch as its script takes it: lists that begin with how many arguments follow. */
export function applyArguments<Row>(
  { claim, contributed, changes, links }: ViewBatch<Row>,
  layout: RedisLayout<Row>,
): string[] {
  const { removals, puts, places } = writesOf(changes, layout);
  const ledger = [...contributed].flatMap(([entity, entry]) => ledgerWrite(entity, entry));
  const moves = links.flatMap((link) => linkWrites(claim.partition, link));
  return [ledger, removals, puts, places, moves].flatMap((list) => [String(list.length), ...list]);
}

/**
 * A batch of entities that each come to their own row alone, as its script takes it. Undefined: there are others among them.
 */
export function putArguments<Row>(
  { contributed, changes }: ViewBatch<Row>,
  layout: RedisLayout<Row>,
): string[] | undefined {
  for (const [entity, entry] of contributed) if (!isToldByRow(entity, entry)) return undefined;
  const puts: string[] = [];
  const places: string[] = [];
  for (const change of changes) {
    if (change.kind !== 'put') return undefined;
    const { entity, row, version } = change;
    const id = rowId(entity, entity);
    const indexes = layout.indexes(row).map(({ index, score }) => [index, score] as const);
    puts.push(entity, id, storedRowText(row, { version, indexes }));
    for (const [index, score] of indexes) places.push(id, index, String(score));
  }
  return [String(puts.length), ...puts, String(places.length), ...places];
}

function writesOf<Row>(changes: readonly ViewChange<Row>[], layout: RedisLayout<Row>) {
  const removals: string[] = [];
  const puts: string[] = [];
  const places: string[] = [];
  for (const change of changes) {
    switch (change.kind) {
      case 'put': {
        const { entity, key, row, version } = change;
        const id = rowId(entity, key);
        const indexes = layout.indexes(row).map(({ index, score }) => [index, score] as const);
        puts.push(entity, id, storedRowText(row, { version, indexes }));
        for (const [index, score] of indexes) places.push(entity, id, index, String(score));
        break;
      }
      case 'remove':
        removals.push(change.entity, rowId(change.entity, change.key));
        break;
      case 'add':
        throw storeError(
          'contribution-unsupported',
          'Redis holds rows only: this view contributes to groups',
        );
    }
  }
  return { removals, puts, places };
}

function ledgerWrite(entity: string, entry: Contributed): string[] {
  const content = isToldByRow(entity, entry) ? '' : ledgerContent(entry);
  return [entity, String(entry.version), content, rowId(entity, entity)];
}

function linkWrites(partition: string, { entity, added, removed }: ReferenceLinks): string[] {
  const moves = (verb: 'SADD' | 'SREM', references: readonly string[]): string[] =>
    references.flatMap((reference) => [entity, verb, referenceSet(partition, reference)]);
  return [...moves('SADD', added), ...moves('SREM', removed)];
}
