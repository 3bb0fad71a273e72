import type { Generation, ViewGenerations } from '@reprise/contracts';
import { isFed, parseStatus } from '@reprise/view';
import type { BuilderFacts, LiveBuilder } from '../builders/builder-reports.js';
import { hasReachedTargets, isCovered, lagOf } from '../builders/progress.js';
import { reportedVerification } from '../builders/reported-verification.js';
import type { GenerationsCommand, VerificationResult } from '../generations/commands.js';
import { flipsByItself } from '../generations/flips.js';
import { isUnderVerification } from '../generations/verification.js';
import type { ShadowGate } from '../shadow/shadow-gate.js';

/** What is to be done next about a view. */
export type Step =
  | { readonly kind: 'register'; readonly builder: LiveBuilder }
  | { readonly kind: 'execute'; readonly command: GenerationsCommand }
  | { readonly kind: 'flip'; readonly number: number; readonly note: string | null }
  | { readonly kind: 'hold'; readonly reason: string };

/** Until when it can catch up, epoch milliseconds; null while it moves. */
export type ExpiryOf = (generation: Generation) => number | null;

/** Whether it may go live by itself, as far as live reads were compared. */
export type ShadowGateOf = (view: ViewGenerations, generation: Generation) => ShadowGate;

export interface Rules {
  /** Lag at which a generation counts as caught up. */
  readonly readyLagRecords: number;
  /** How long the log keeps the tombstones of these topics. */
  readonly tombstonesKeptMs: (topics: readonly string[]) => number;
}

/**
 * What the builders' reports call for. Pure, and safe to ask again at any moment: every step is decided once more by the
 * store against the state it has, so a step taken from an old view of things comes to nothing.
 */
export function nextSteps(
  view: ViewGenerations | undefined,
  facts: BuilderFacts,
  {
    rules,
    nowMs,
    expiryOf,
    shadowGateOf,
  }: { rules: Rules; nowMs: number; expiryOf: ExpiryOf; shadowGateOf: ShadowGateOf },
): Step[] {
  const newest = newestDefinition(facts.builders);
  if (!view) return newest ? [{ kind: 'register', builder: newest }] : [];
  const keptMs = rules.tombstonesKeptMs(view.sourceTopics);
  return [
    ...announcement(view, newest),
    ...view.generations.flatMap((generation): Step[] => {
      if (isTooOld(generation, nowMs - keptMs)) return [failAsTooOld(generation, keptMs, nowMs)];
      if (isExpired(generation, expiryOf(generation), nowMs)) return [failAsExpired(generation, nowMs)];
      return [
        ...conclusion(view, generation, { facts, nowMs }),
        ...stepOf(generation, { facts, rules, nowMs }),
        ...flipOf(view, generation, shadowGateOf),
      ];
    }),
  ];
}

function newestDefinition(builders: readonly LiveBuilder[]): LiveBuilder | undefined {
  return builders.toSorted((left, right) => right.definitionVersion - left.definitionVersion)[0];
}

function announcement(
  { definitionVersion: known }: ViewGenerations,
  newest: LiveBuilder | undefined,
): Step[] {
  if (!newest || newest.definitionVersion <= known) return [];
  const { definitionVersion, sourceTopics } = newest;
  return [{ kind: 'execute', command: { type: 'AnnounceDefinition', definitionVersion, sourceTopics } }];
}

/** A build that takes longer than tombstones are kept may have missed some, and then holds rows that are gone. */
function isTooOld({ status, startedAt }: Generation, oldestMs: number): boolean {
  return (status === 'building' || status === 'catching-up') && startedAt < oldestMs;
}

function failAsTooOld({ number }: Generation, keptMs: number, atMs: number): Step {
  const reason = `it took longer than the ${Math.round(keptMs / 1_000)} s that the log keeps tombstones: it may have missed some`;
  return { kind: 'execute', command: { type: 'FailGeneration', number, reason, atMs } };
}

/** The live one is not taken from its readers; that it must be rebuilt is shown. */
function isExpired({ status }: Generation, expiresAtMs: number | null, nowMs: number): boolean {
  return status !== 'live' && expiresAtMs !== null && expiresAtMs < nowMs;
}

function failAsExpired({ number }: Generation, atMs: number): Step {
  const reason = 'it stood still longer than tombstones are kept: rebuild it';
  return { kind: 'execute', command: { type: 'FailGeneration', number, reason, atMs } };
}

/** What the check under way came to, if it is over; with a generation that is gone nothing can be compared any more. */
function conclusion(
  { generations }: ViewGenerations,
  generation: Generation,
  { facts, nowMs }: { facts: BuilderFacts; nowMs: number },
): Step[] {
  const { number, status, verification } = generation;
  if (!verification || !isUnderVerification(generation) || !isFed(parseStatus(status))) return [];
  const conclude = (result: VerificationResult): Step[] => [
    {
      kind: 'execute',
      command: { type: 'ConcludeVerification', number, id: verification.id, result, atMs: nowMs },
    },
  ];
  const other = generations.find((known) => known.number === verification.against);
  if (verification.against !== null && !(other && isFed(parseStatus(other.status)))) {
    return conclude({ ...nothingFound, problem: `generation ${verification.against} is gone` });
  }
  const reported = reportedVerification(generation, facts);
  return reported?.isDone ? conclude(reported.result) : [];
}

const nothingFound = { entitiesChecked: 0, differences: 0, repaired: 0, samples: [] };

function flipOf(view: ViewGenerations, generation: Generation, shadowGateOf: ShadowGateOf): Step[] {
  if (!flipsByItself(view, generation)) return [];
  const gate = shadowGateOf(view, generation);
  switch (gate.kind) {
    case 'open':
      return [{ kind: 'flip', number: generation.number, note: gate.note }];
    case 'held':
      return [{ kind: 'hold', reason: `generation ${generation.number} does not go live: ${gate.reason}` }];
    case 'waiting':
      return [];
  }
}

function stepOf(
  generation: Generation,
  { facts, rules, nowMs }: { facts: BuilderFacts; rules: Rules; nowMs: number },
): Step[] {
  const { number } = generation;
  const status = parseStatus(generation.status);
  if (generation.paused && isFed(status)) return [];
  if (status === 'building' && hasReachedTargets(generation, facts)) {
    return [
      { kind: 'execute', command: { type: 'AdvanceGeneration', number, to: 'catching-up', atMs: nowMs } },
    ];
  }
  if (status === 'catching-up' && !isUnderVerification(generation) && isCaughtUp(generation, facts, rules)) {
    return [
      { kind: 'execute', command: { type: 'AdvanceGeneration', number, to: 'verifying', atMs: nowMs } },
    ];
  }
  if (!isFed(status) && !generation.dropped && facts.dropped.has(number)) {
    return [{ kind: 'execute', command: { type: 'ConfirmDropped', number } }];
  }
  return [];
}

/** A lag is believed only while every partition is in a builder's hands: nobody counts the lag of what nobody reads. */
function isCaughtUp(generation: Generation, facts: BuilderFacts, { readyLagRecords }: Rules): boolean {
  return isCovered(generation, facts) && lagOf(generation, facts) <= readyLagRecords;
}
