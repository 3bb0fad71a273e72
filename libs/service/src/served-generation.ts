import type { ViewGenerations } from '@reprise/contracts';

/** The generation that a query service answers from. */
export interface ServedGeneration {
  readonly number: number;
  readonly isLive: boolean;
}

type Generations = Pick<ViewGenerations, 'live' | 'generations'>;

/**
 * Which generation answers, for code that reads the rows of these versions of the definition: the live one. While that is of
 * another version, the newest that was verified and is still fed: its answers are as fresh, so a service of each version goes
 * on answering over flips and rollbacks between them. Undefined when there is none.
 */
export function servedGeneration(
  { live, generations }: Generations,
  reads: readonly number[],
): ServedGeneration | undefined {
  const readable = generations.filter(({ definitionVersion }) => reads.includes(definitionVersion));
  if (live !== null && readable.some(({ number }) => number === live)) return { number: live, isLive: true };
  const beside = readable.findLast(
    ({ status, paused }) => (status === 'standby' || status === 'ready') && !paused,
  );
  return beside && { number: beside.number, isLive: false };
}

/** The number of the newest generation that may be flipped to and never was, of those whose rows can be read. */
export function shadowGeneration({ generations }: Generations, reads: readonly number[]): number | undefined {
  return generations.findLast(
    ({ status, definitionVersion }) => status === 'ready' && reads.includes(definitionVersion),
  )?.number;
}

/** What is live, for whoever cannot read it; undefined while nothing is. */
export function otherVersion(
  { view, live, generations }: ViewGenerations,
  reads: readonly number[],
): string | undefined {
  const version = generations.find(({ number }) => number === live)?.definitionVersion;
  if (version === undefined) return undefined;
  const own = `version${reads.length === 1 ? '' : 's'} ${reads.join(', ')}`;
  return `View ${view} is live in version ${version}. This service reads ${own}, of which no generation is ready or on standby and fed.`;
}
