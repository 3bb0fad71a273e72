import { formatPositions, parsePositions } from '@reprise/kernel';
import type { Contributed } from '@reprise/view';
import type { Checkpoint } from '@reprise/view-store';
import { storeError } from './errors.js';
import type { IndexPlace } from './layout.js';

/** True when an entity's only row, which has its version, says all that an entry would: then there is none. */
export function isToldByRow(entity: string, { rows, groups, references, state }: Contributed): boolean {
  const isPlain = groups.length === 0 && references.length === 0 && state === null;
  return isPlain && rows.length === 1 && rows[0] === entity;
}

/** An entry as the hash has it. */
export function ledgerText(entry: Contributed): string {
  return `${entry.version}:${ledgerContent(entry)}`;
}

/** What an entry holds; its version stands before it, so that the script can read that without parsing. */
export function ledgerContent({ rows, references, state }: Contributed): string {
  return JSON.stringify(state === null ? { rows } : { rows, references, state });
}

/** @throws CodedError `stored-value-corrupt` when it is not `version:content`. */
export function parseLedger(stored: string): Contributed {
  const [, version, content] = /^(\d+):(.*)$/s.exec(stored) ?? [];
  const parsed: unknown = content === undefined ? undefined : JSON.parse(content);
  if (version !== undefined && isEntry(parsed)) {
    const { rows, references = [], state = null } = parsed;
    return { version: Number(version), rows, groups: [], references, state };
  }
  throw storeError('stored-value-corrupt', `not an entry of the ledger: ${stored}`);
}

/**
 * `epoch:nextOffset:references`, with `/loadedTo` behind the offset while that lies beyond it, and `|loading` while there is a load:
 * compared as a whole, so equal checkpoints are written alike.
 */
export function checkpointText(
  epoch: number,
  { nextOffset, references, loading, loadedTo }: Omit<Checkpoint, 'partition'>,
): string {
  const offset = loadedTo > nextOffset ? `${nextOffset}/${loadedTo}` : String(nextOffset);
  const text = `${epoch}:${offset}:${formatPositions(references)}`;
  return loading === '' ? text : `${text}|${loading}`;
}

export function parseCheckpoint(partition: string, stored: string): Checkpoint & { epoch: number } {
  const [, epoch, offset, loadedTo = '0', references, loading = ''] =
    /^(\d+):(\d+)(?:\/(\d+))?:([^|]*)(?:\|(.*))?$/.exec(stored) ?? [];
  if (epoch === undefined || offset === undefined || references === undefined)
    throw storeError('stored-value-corrupt', `not a checkpoint: ${stored}`);
  return {
    partition,
    epoch: Number(epoch),
    nextOffset: BigInt(offset),
    references: parsePositions(references),
    loading,
    loadedTo: BigInt(loadedTo),
  };
}

/** What the rows' hash holds: the version first, so that the script can read it without parsing. */
export function storedRowText(
  row: unknown,
  { version, indexes }: { version: number; indexes: readonly (readonly [string, number])[] },
): string {
  return JSON.stringify({ version, indexes, row });
}

/** What an entity contributed: its entry, or (of an entity that has none) the version of its only row. */
export function parseTold(entity: string, stored: string): Contributed {
  if (stored.includes(':')) return parseLedger(stored);
  return { version: Number(stored), rows: [entity], groups: [], references: [], state: null };
}

/** The row inside what the rows' hash holds. */
export function parseStoredRow(stored: string): unknown {
  return parseStored(stored).row;
}

/** The row, and where it says that it stands: what is no place is none. */
export function parseStored(stored: string): { row: unknown; places: readonly IndexPlace[] } {
  const parsed: unknown = JSON.parse(stored);
  if (typeof parsed !== 'object' || parsed === null || !('row' in parsed))
    throw storeError('stored-value-corrupt', `not a row: ${stored}`);
  const entries: readonly unknown[] =
    'indexes' in parsed && Array.isArray(parsed.indexes) ? parsed.indexes : [];
  return { row: parsed.row, places: entries.flatMap(placeOf) };
}

function placeOf(entry: unknown): IndexPlace[] {
  const [index, score]: readonly unknown[] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
  return typeof index === 'string' && typeof score === 'number' ? [{ index, score }] : [];
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isEntry(value: unknown): value is { rows: string[]; references?: string[]; state?: unknown } {
  if (typeof value !== 'object' || value === null || !('rows' in value)) return false;
  return isTexts(value.rows) && (!('references' in value) || isTexts(value.references));
}
