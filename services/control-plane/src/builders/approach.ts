import type { Generation, ViewGenerations } from '@reprise/contracts';
import { hasReached, type Positions } from '@reprise/kernel';
import type { BuilderFacts } from './builder-reports.js';
import { isCovered, reportsOf } from './progress.js';

/**
 * True when readers of the generation that is to go live see no less than those of the live one, which is held still: then query
 * services have nothing to wait for. Also when nobody can be waited for: it is live already, there is no live one, or one of the
 * two is in the hands of no builder.
 */
export function hasApproached(
  { live, generations }: Pick<ViewGenerations, 'live' | 'generations'>,
  number: number,
  facts: BuilderFacts,
): boolean {
  const from = generations.find((generation) => generation.number === live);
  const to = generations.find((generation) => generation.number === number);
  if (!from || !to || from === to) return true;
  if (!isCovered(from, facts) || !isCovered(to, facts)) return true;
  const still = positionsIn('still', from, facts);
  return (
    from.targets.every(({ partition }) => still.has(partition)) &&
    hasReached(positionsIn('approaching', to, facts), still)
  );
}

/** Of its source, as told by the builders that say that it is in this phase. */
function positionsIn(phase: 'still' | 'approaching', generation: Generation, facts: BuilderFacts): Positions {
  const source = new Set(generation.targets.map(({ partition }) => partition));
  const told = reportsOf(generation, facts).filter((report) => report.phase === phase);
  return new Map(
    told
      .flatMap(({ partitions }) => partitions)
      .filter(({ partition }) => source.has(partition))
      .map(({ partition, nextOffset }) => [partition, BigInt(nextOffset)]),
  );
}
