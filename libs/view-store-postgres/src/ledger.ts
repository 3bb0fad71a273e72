import type { ContributedShare } from '@reprise/view';
import { storeError } from './errors.js';

/** What an entity contributed, as the ledger's column holds it. */
export interface StoredContribution {
  readonly rows: readonly string[];
  readonly groups: readonly ContributedShare[];
}

export function contributionText({ rows, groups }: StoredContribution): string {
  return JSON.stringify({ rows, groups });
}

/** @throws CodedError `ledger-corrupt` when it is not what {@link contributionText} writes. */
export function parseContribution(stored: unknown): StoredContribution {
  if (isObject(stored) && isTexts(stored['rows']) && Array.isArray(stored['groups']))
    return { rows: stored['rows'], groups: stored['groups'].map(parseShare) };
  throw corrupt(stored);
}

function parseShare(stored: unknown): ContributedShare {
  if (isObject(stored)) {
    const { group, measures, extremes } = stored;
    if (isGroup(group) && isMeasures(measures) && isMeasures(extremes)) return { group, measures, extremes };
  }
  throw corrupt(stored);
}

function isGroup(value: unknown): value is Record<string, string | number> {
  return (
    isObject(value) &&
    Object.values(value).every((part) => typeof part === 'string' || typeof part === 'number')
  );
}

function isMeasures(value: unknown): value is Record<string, number> {
  return isObject(value) && Object.values(value).every((amount) => typeof amount === 'number');
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
