import type { Generation } from '@reprise/contracts';
import { generationName } from '@reprise/view';
import { z } from 'zod';
import type { BuilderFacts } from '../builders/builder-reports.js';
import { progressOf, reportsOf } from '../builders/progress.js';
import { problemsOf, problemsOfGeneration, type KnownView } from './problems.js';
import { answerVerification, verificationAnswer } from './verification-answer.js';
import type { GenerationShadow } from '../shadow/shadow-counts.js';

const progressAnswer = z.object({
  percent: z.number().describe('0 to 100, of the way to the end offsets noted when the build began'),
  recordsApplied: z.number(),
  recordsPerSecond: z.number(),
  etaSeconds: z.number().nullable().describe('Null when nothing moves'),
  lagRecords: z.number(),
  positions: z.record(z.string(), z.number()).describe('Next offset to apply, by topic/partition'),
});

const shadowAnswer = z.object({
  compared: z.number().describe('Live reads that were asked of it too, mismatches included'),
  mismatched: z.number(),
  errors: z.number(),
  dropped: z.number().describe('Not made, or without a result'),
  samples: z.array(
    z.object({
      question: z.string().nullable(),
      expected: z.string(),
      actual: z.string(),
      at: z.number().describe('Epoch milliseconds, UTC'),
    }),
  ),
});

/** What is told as it is stored. */
const decided = z.object({
  number: z.number(),
  status: z.string(),
  definitionVersion: z.number(),
  startedAt: z.number().describe('Epoch milliseconds, UTC'),
  statusSince: z.number().describe('Epoch milliseconds, UTC'),
  requestedBy: z.string(),
  autoFlip: z.boolean().describe('Goes live by itself as soon as it is ready'),
  paused: z.boolean().describe('Its builders read nothing until it is resumed'),
  maxRecordsPerSecond: z.number().nullable().describe('Limit of all its builders together; null: none'),
  fingerprint: z.string().describe('Of the code that it was begun with; empty when none was told'),
  reason: z.string().nullable().describe('Why it failed or was retired'),
  dropped: z.boolean().describe('Nothing of it is left in the store'),
});

export const generationAnswer = decided.extend({
  name: z.string().describe('Its name in every store, as flight_search_g3'),
  problems: z.array(z.string()).describe('What its builders say keeps it from going on'),
  expiresAt: z
    .number()
    .nullable()
    .describe('Of one that stands still: until when it can catch up; epoch milliseconds, UTC'),
  waitsFor: z
    .string()
    .nullable()
    .describe('Of one that goes live by itself: what is to come before that; null: nothing'),
  phase: z
    .string()
    .nullable()
    .describe(
      'What its builders do: loading, sealing, feeding, verifying, paused, or (before a flip) still or approaching; null: none says',
    ),
  verification: verificationAnswer.nullable().describe('The newest check of what it holds'),
  shadow: shadowAnswer
    .nullable()
    .describe('How its answers compare with the live one’s; null: nothing is known'),
  progress: progressAnswer.nullable().describe('Null once it is no longer fed'),
});

export const viewSummaryAnswer = z.object({
  name: z.string(),
  definitionVersion: z.number(),
  live: z
    .object({
      number: z.number(),
      name: z.string(),
      definitionVersion: z.number(),
      lagRecords: z.number(),
      recordsPerSecond: z.number(),
      liveSince: z.number().describe('Epoch milliseconds, UTC'),
    })
    .nullable(),
  generations: z.number(),
  builders: z.number().describe('Builder processes that reported lately'),
  problems: z.array(z.string()),
});

export const flipsAnswer = z.object({
  flips: z.array(
    z.object({
      kind: z.string().describe('flip or rollback'),
      from: z.number().nullable().describe('The generation that was live before'),
      to: z.number(),
      at: z.number().describe('Epoch milliseconds, UTC'),
      by: z.string(),
      forced: z.boolean().describe('In spite of something that stood against it'),
      note: z
        .string()
        .nullable()
        .describe('What stood against it or was not known, and the reason that was given'),
    }),
  ),
});

export const viewsAnswer = z.object({ views: z.array(viewSummaryAnswer) });

export const viewAnswer = viewSummaryAnswer.extend({
  previous: z.number().nullable().describe('The generation that a rollback returns to'),
  sourceTopics: z.array(z.string()),
  generations: z.array(generationAnswer).describe('Oldest first'),
  builders: z.array(
    z.object({
      instance: z.string(),
      definitionVersion: z.number(),
      reportedAt: z.number(),
      generations: z.array(z.number()),
    }),
  ),
});

export type GenerationAnswer = z.output<typeof generationAnswer>;
export type ViewSummaryAnswer = z.output<typeof viewSummaryAnswer>;
export type ViewAnswer = z.output<typeof viewAnswer>;
export type FlipsAnswer = z.output<typeof flipsAnswer>;
export type ViewsAnswer = z.output<typeof viewsAnswer>;

export function answerGeneration(known: KnownView, generation: Generation): GenerationAnswer {
  const { view, facts } = known;
  return {
    ...decided.parse(generation),
    name: generationName(view.view, generation.number),
    problems: problemsOfGeneration(known, generation),
    expiresAt: known.expiries.get(generation.number) ?? null,
    waitsFor: known.waits.get(generation.number) ?? null,
    phase: phaseOf(generation, facts),
    verification: answerVerification(generation, facts),
    shadow: answerShadow(known.shadow.get(generation.number)),
    progress: progressOf(generation, facts),
  };
}

function answerShadow(shadow: GenerationShadow | undefined): GenerationAnswer['shadow'] {
  return shadow ? { ...shadow, samples: [...shadow.samples] } : null;
}

function phaseOf(generation: Generation, facts: BuilderFacts): string | null {
  const phases = new Set(reportsOf(generation, facts).map(({ phase }) => phase));
  phases.delete('');
  return phases.size === 0 ? null : [...phases].join(', ');
}

export function answerSummary(known: KnownView): ViewSummaryAnswer {
  const { view, facts } = known;
  return {
    name: view.view,
    definitionVersion: view.definitionVersion,
    live: answerLive(known),
    generations: view.generations.length,
    builders: facts.builders.length,
    problems: problemsOf(known),
  };
}

export function answerView(known: KnownView): ViewAnswer {
  const { view, facts } = known;
  return {
    ...answerSummary(known),
    previous: view.previous,
    sourceTopics: [...view.sourceTopics],
    generations: view.generations.map((generation) => answerGeneration(known, generation)),
    builders: facts.builders.map(({ instance, definitionVersion, reportedAtMs, generations }) => ({
      instance,
      definitionVersion,
      reportedAt: reportedAtMs,
      generations: generations.filter(({ dropped }) => !dropped).map(({ number }) => number),
    })),
  };
}

function answerLive({ view, facts }: KnownView): ViewSummaryAnswer['live'] {
  const live = view.generations.find(({ number }) => number === view.live);
  const progress = live && progressOf(live, facts);
  if (!progress) return null;
  const { number, definitionVersion, statusSince } = live;
  const { lagRecords, recordsPerSecond } = progress;
  const name = generationName(view.view, number);
  return { number, name, definitionVersion, lagRecords, recordsPerSecond, liveSince: statusSince };
}
