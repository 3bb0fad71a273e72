import type { ViewGenerations } from '@reprise/contracts';
import { z } from 'zod';

const offset = z.object({ partition: z.string(), offset: z.int() });

const difference = z.object({
  kind: z.string(),
  entity: z.string(),
  key: z.string(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
});

const verification = z.object({
  id: z.int(),
  repair: z.boolean(),
  against: z.int().nullable().default(null),
  requestedBy: z.string(),
  requestedAt: z.int(),
  concludedAt: z.int().nullable(),
  entitiesChecked: z.int(),
  differences: z.int(),
  repaired: z.int(),
  problem: z.string().nullable(),
  samples: z.array(difference),
});

const flip = z.object({
  kind: z.string(),
  from: z.int().nullable(),
  to: z.int(),
  at: z.int(),
  by: z.string(),
  forced: z.boolean().default(false),
  note: z.string().nullable().default(null),
});

const generation = z.object({
  number: z.int(),
  definitionVersion: z.int(),
  status: z.string(),
  startedAt: z.int(),
  statusSince: z.int(),
  requestedBy: z.string(),
  autoFlip: z.boolean(),
  targets: z.array(offset),
  reason: z.string().nullable(),
  dropped: z.boolean().default(false),
  fingerprint: z.string().default(''),
  paused: z.boolean().default(false),
  maxRecordsPerSecond: z.int().nullable().default(null),
  verification: verification.nullable().default(null),
});

const stored = z.object({
  view: z.string(),
  live: z.int().nullable(),
  previous: z.int().nullable(),
  sourceTopics: z.array(z.string()),
  definitionVersion: z.int(),
  generations: z.array(generation),
  flips: z.array(flip).default([]),
  flipAnnounced: z.object({ number: z.int(), at: z.int() }).nullable().default(null),
});

/**
 * A view's generations as the store holds them: our own JSON, checked because earlier code may have written it.
 * @throws ZodError when it is not.
 */
export function parseStoredView(state: unknown): ViewGenerations {
  return stored.parse(state);
}
