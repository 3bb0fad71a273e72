import { z } from 'zod';

/** What the control plane answers, as far as it is shown here. Times are epoch milliseconds, UTC. */
export const generation = z.looseObject({
  number: z.number(),
  name: z.string(),
  status: z.string(),
  definitionVersion: z.number(),
  statusSince: z.number(),
  requestedBy: z.string(),
  autoFlip: z.boolean(),
  reason: z.string().nullable(),
  problems: z.array(z.string()),
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

export const problem = z.looseObject({ code: z.string(), detail: z.string() });

export type Generation = z.output<typeof generation>;
export type Views = z.output<typeof views>;
export type View = z.output<typeof view>;
