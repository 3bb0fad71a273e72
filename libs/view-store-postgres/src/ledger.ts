import type { Contributed, GroupKey, Measures } from '@reprise/view';
import { storeError } from './errors.js';

/** What the ledger keeps of an entity beside its version. */
export function ledgerEntry({ rows, groups }: Contributed): string {
  return JSON.stringify({ rows, groups });
}

/** @throws CodedError `ledger-corrupt` when it is not what {@link ledgerEntry} writes. */
export function parseLedgerEntry(version: number, stored: unknown): Contributed {
  if (isObject(stored) && isTexts(stored['rows']) && Array.isArray(stored['groups'])) {
    const groups = stored['groups'].map(parseGroup);
    return { version, rows: stored['rows'], groups };
  }
  throw corrupt(stored);
}

function parseGroup(stored: unknown): { group: GroupKey; measures: Measures } {
  if (isObject(stored)) {
    const { group, measures } = stored;
    if (isObject(group) && isObject(measures) && isGroup(group) && isMeasures(measures))
      return { group, measures };
  }
  throw corrupt(stored);
}

function isGroup(value: Record<string, unknown>): value is Record<string, string | number> {
  return Object.values(value).every((part) => typeof part === 'string' || typeof part === 'number');
}

function isMeasures(value: Record<string, unknown>): value is Record<string, number> {
  return Object.values(value).every((amount) => typeof amount === 'number');
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function corrupt(stored: unknown) {
  return storeError('ledger-corrupt', `not an entry of the ledger: ${JSON.stringify(stored)}`);
}
