/** Some versions, or whichever there is. */
export type Versions = readonly number[] | 'any';

/** What must be true of an entity's version for a command to be executed at all. One that does not exist has no version. */
export interface VersionCondition {
  /** It is one of these. */
  readonly match?: Versions;
  /** It is none of these. */
  readonly noneMatch?: Versions;
}

/** `version` undefined: there is no such entity. */
export function holds({ match, noneMatch }: VersionCondition, version: number | undefined): boolean {
  return (match === undefined || isAmong(match, version)) && !(noneMatch && isAmong(noneMatch, version));
}

function isAmong(versions: Versions, version: number | undefined): boolean {
  return version !== undefined && (versions === 'any' || versions.includes(version));
}
