import type { ReadRecord } from '@reprise/log';
import { versionOf, type Told } from './told.js';

type Tell = (record: ReadRecord) => Told | Promise<Told>;

/**
 * What the records of a chunk tell of the newest state of each entity, in their order. What a later record of the same entity
 * supersedes, by their headers, is not decoded; unless that one turns out not to be what its header says.
 */
export async function tellNewest(records: readonly ReadRecord[], tell: Tell): Promise<Told[]> {
  const newest = newestByHeader(records);
  const told: Told[] = [];
  const doubtful = new Set<string>();
  for (const record of records) {
    const chosen = newest.get(record.key);
    if (chosen && chosen !== record) continue;
    const telling = tell(record);
    // Not waited for where it is there: that would cost more than the decoding.
    const found = telling instanceof Promise ? await telling : telling;
    if (chosen && !isAsItsHeader(found)) doubtful.add(record.key);
    told.push(found);
  }
  if (doubtful.size === 0) return told;
  for (const record of records)
    if (doubtful.has(record.key) && newest.get(record.key) !== record) told.push(await tell(record));
  return told.sort((left, right) => (left.offset < right.offset ? -1 : 1));
}

/** By key, where the headers of all its records tell versions that never go back: the last of them. */
function newestByHeader(records: readonly ReadRecord[]): ReadonlyMap<string, ReadRecord> {
  const newest = new Map<string, ReadRecord>();
  const unsettled = new Set<string>();
  for (const record of records) {
    const before = newest.get(record.key)?.entityVersion ?? 0;
    if (record.entityVersion === undefined || record.entityVersion < before) unsettled.add(record.key);
    newest.set(record.key, record);
  }
  for (const key of unsettled) newest.delete(key);
  return newest;
}

function isAsItsHeader(told: Told): boolean {
  return told.content.kind !== 'undecodable' && versionOf(told) === told.entityVersion;
}
