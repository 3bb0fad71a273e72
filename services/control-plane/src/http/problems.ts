import type { Generation, ViewGenerations } from '@reprise/contracts';
import { isFed, parseStatus } from '@reprise/view';
import type { BuilderFacts } from '../builders/builder-reports.js';
import { reportsOf } from '../builders/progress.js';
import type { GenerationShadow } from '../shadow/shadow-counts.js';
import { codeChanged, fingerprintsOf } from '../generations/fingerprints.js';

/** What is known of a view: the decided, the reported, and what holds it up here. */
export interface KnownView {
  readonly view: ViewGenerations;
  readonly facts: BuilderFacts;
  readonly trouble: string | undefined;
  /** Open dead letters, by the generation's number. */
  readonly openLetters: ReadonlyMap<number, number>;
  /** By number, of those that stand still: until when they can catch up; epoch milliseconds. */
  readonly expiries: ReadonlyMap<number, number>;
  /** By number, of those that go live by themselves: what is to come before that. */
  readonly waits: ReadonlyMap<number, string>;
  readonly nowMs: number;
  /** What shadow reads showed, by the generation's number. */
  readonly shadow: ReadonlyMap<number, GenerationShadow>;
}

/** What is wrong with one generation. */
export function problemsOfGeneration(known: KnownView, generation: Generation): string[] {
  const { facts, openLetters, expiries, nowMs } = known;
  const reported = reportsOf(generation, facts).flatMap(({ problem }) => problem ?? []);
  const letters = openLetters.get(generation.number) ?? 0;
  const isExpired = (expiries.get(generation.number) ?? Infinity) < nowMs;
  return [
    ...new Set(reported),
    ...differingReads(known, generation),
    ...(letters > 0 ? [`${letters} dead letters are open`] : []),
    ...(isExpired ? ['rebuild needed: it stood still longer than tombstones are kept'] : []),
  ];
}

function differingReads({ shadow }: KnownView, { number }: Generation): string[] {
  const { compared = 0, mismatched = 0 } = shadow.get(number) ?? {};
  return mismatched > 0 ? [`${mismatched} of ${compared} live reads are answered otherwise by it`] : [];
}

/** What is wrong with a view, its generations included. */
export function problemsOf(known: KnownView): string[] {
  const { view, facts, trouble } = known;
  const ofGenerations = view.generations.flatMap((generation) =>
    problemsOfGeneration(known, generation).map((problem) => `generation ${generation.number}: ${problem}`),
  );
  return [
    ...(facts.builders.length === 0 ? ['no builder is running'] : unfed(view, facts)),
    ...changedCode(view, facts),
    ...(facts.builders.length === 0 ? [] : olderDefinition(view)),
    ...ofGenerations,
    ...(trouble === undefined ? [] : [trouble]),
  ];
}

function unfed({ generations }: ViewGenerations, { builders }: BuilderFacts): string[] {
  const versions = new Set(builders.map(({ definitionVersion }) => definitionVersion));
  return generations
    .filter(({ status, definitionVersion }) => isFed(parseStatus(status)) && !versions.has(definitionVersion))
    .map(
      ({ number, definitionVersion }) =>
        `generation ${number}: no builder runs definition version ${definitionVersion}`,
    );
}

/** A builder with other code than its version's generations were begun with refuses to feed them. */
function changedCode(view: ViewGenerations, { builders }: BuilderFacts): string[] {
  const changed = builders.filter(({ definitionVersion, fingerprint }) => {
    const known = fingerprintsOf(view, definitionVersion);
    return fingerprint !== '' && known.length > 0 && !known.includes(fingerprint);
  });
  return [...new Set(changed.map(({ definitionVersion }) => codeChanged(definitionVersion)))];
}

function olderDefinition({ live, generations, definitionVersion }: ViewGenerations): string[] {
  const serving = generations.find(({ number }) => number === live);
  if (!serving || serving.definitionVersion >= definitionVersion) return [];
  if (
    generations.some(
      (other) => other.definitionVersion === definitionVersion && isFed(parseStatus(other.status)),
    )
  )
    return [];
  return [`definition version ${definitionVersion} has no generation yet: rebuild to use it`];
}
