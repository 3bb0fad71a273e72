import type { Contributed } from '@reprise/view';
import { storeError } from './errors.js';

/** The rows of an entry; its version stands before it, so that the script can read it without parsing. */
export function ledgerContent({ rows }: Contributed): string {
  return JSON.stringify(rows);
}

/** @throws CodedError `stored-value-corrupt` when it is not `version:rows`. */
export function parseLedger(stored: string): Contributed {
  const [, version, content] = /^(\d+):(.*)$/s.exec(stored) ?? [];
  const rows: unknown = content === undefined ? undefined : JSON.parse(content);
  if (version === undefined || !isTexts(rows))
    throw storeError('stored-value-corrupt', `not an entry of the ledger: ${stored}`);
  return { version: Number(version), rows, groups: [] };
}

export function parseCheckpoint(stored: string): { epoch: number; nextOffset: bigint } {
  const [, epoch, offset] = /^(\d+):(\d+)$/.exec(stored) ?? [];
  if (epoch === undefined || offset === undefined)
    throw storeError('stored-value-corrupt', `not a checkpoint: ${stored}`);
  return { epoch: Number(epoch), nextOffset: BigInt(offset) };
}

/** The row inside what the rows' hash holds. */
export function parseStoredRow(stored: string): unknown {
  const parsed: unknown = JSON.parse(stored);
  if (typeof parsed === 'object' && parsed !== null && 'row' in parsed) return parsed.row;
  throw storeError('stored-value-corrupt', `not a row: ${stored}`);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
