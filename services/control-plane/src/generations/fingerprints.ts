import type { ViewGenerations } from '@reprise/contracts';
import { refuse, type Refusal } from '@reprise/decider';
import { isFed, parseStatus } from '@reprise/view';
import type { StartRebuild } from './commands.js';

/** Of the code that this version's generations were begun with, as far as they are fed and it was told. */
export function fingerprintsOf({ generations }: ViewGenerations, version: number): string[] {
  const known = generations
    .filter(({ definitionVersion, status }) => definitionVersion === version && isFed(parseStatus(status)))
    .map(({ fingerprint }) => fingerprint)
    .filter((fingerprint) => fingerprint !== '');
  return [...new Set(known)];
}

/** Generations of one version are one function of the log: they may not come from different code. */
export function guardFingerprints(
  { definitionVersion, fingerprints }: StartRebuild,
  known: readonly string[],
): Refusal | undefined {
  if (new Set([...known, ...fingerprints]).size <= 1) return undefined;
  return refuse('conflict', 'definition-changed', `${codeChanged(definitionVersion)}.`);
}

export function codeChanged(definitionVersion: number): string {
  return `the projection's code changed under version ${definitionVersion}: raise the version`;
}
