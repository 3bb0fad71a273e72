import { z } from 'zod';

const difference = z.looseObject({
  kind: z.string(),
  entity: z.string(),
  key: z.string(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
});

export const verification = z.looseObject({
  id: z.number(),
  repair: z.boolean(),
  against: z.number().nullable(),
  concludedAt: z.number().nullable(),
  phase: z.string().nullable(),
  percent: z.number(),
  entitiesChecked: z.number(),
  differences: z.number(),
  repaired: z.number(),
  problem: z.string().nullable(),
  samples: z.array(difference),
});

/** What the control plane answers, as far as it is shown here. Times are epoch milliseconds, UTC. */
export const generation = z.looseObject({
  number: z.number(),
  name: z.string(),
  status: z.string(),
  definitionVersion: z.number(),
  statusSince: z.number(),
  requestedBy: z.string(),
  autoFlip: z.boolean(),
  paused: z.boolean(),
  maxRecordsPerSecond: z.number().nullable(),
  expiresAt: z.number().nullable(),
  reason: z.string().nullable(),
  problems: z.array(z.string()),
  waitsFor: z.string().nullable().default(null),
  phase: z.string().nullable(),
  verification: verification.nullable(),
  progress: z
    .looseObject({
      percent: z.number(),
      recordsApplied: z.number(),
      recordsPerSecond: z.number(),
      etaSeconds: z.number().nullable(),
      lagRecords: z.number(),
    })
    .nullable(),
});

const summary = z.looseObject({
  name: z.string(),
  definitionVersion: z.number(),
  live: z
    .looseObject({
      number: z.number(),
      name: z.string(),
      lagRecords: z.number(),
      recordsPerSecond: z.number(),
    })
    .nullable(),
  generations: z.number(),
  builders: z.number(),
  problems: z.array(z.string()),
});

export const views = z.looseObject({ views: z.array(summary) });

export const view = summary.extend({
  previous: z.number().nullable(),
  generations: z.array(generation),
  builders: z.array(z.looseObject({ instance: z.string() })),
});

export const flips = z.looseObject({
  flips: z.array(
    z.looseObject({
      kind: z.string(),
      from: z.number().nullable(),
      to: z.number(),
      at: z.number(),
      by: z.string(),
      forced: z.boolean().default(false),
      note: z.string().nullable().default(null),
    }),
  ),
});

export const letter = z.looseObject({
  letterId: z.string(),
  view: z.string(),
  generation: z.number(),
  key: z.string(),
  entityVersion: z.number().nullable(),
  status: z.string(),
  code: z.string(),
  cause: z.string(),
  attempts: z.number(),
  parkedAt: z.number(),
  recordBytes: z.number(),
  decoded: z.string().nullable(),
  closedBy: z.string().nullable(),
  closedReason: z.string().nullable(),
});

export const letters = z.looseObject({ total: z.number(), letters: z.array(letter) });

export const letterOrder = z.looseObject({
  dryRun: z.boolean(),
  selected: z.number(),
  results: z.array(z.object({ letterId: z.string(), result: z.string(), cause: z.string() })),
});

export const problem = z.looseObject({ code: z.string(), detail: z.string() });

export type Generation = z.output<typeof generation>;
export type Verification = z.output<typeof verification>;
export type Flips = z.output<typeof flips>;
export type Views = z.output<typeof views>;
export type View = z.output<typeof view>;
export type Letter = z.output<typeof letter>;
export type Letters = z.output<typeof letters>;
export type LetterOrder = z.output<typeof letterOrder>;
