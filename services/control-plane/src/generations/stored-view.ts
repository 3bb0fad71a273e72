import type { ViewGenerations } from '@reprise/contracts';
import { z } from 'zod';

const offset = z.object({ partition: z.string(), offset: z.int() });

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
});

const stored = z.object({
  view: z.string(),
  live: z.int().nullable(),
  previous: z.int().nullable(),
  sourceTopics: z.array(z.string()),
  definitionVersion: z.int(),
  generations: z.array(generation),
});

/**
 * A view's generations as the store holds them: our own JSON, checked because earlier code may have written it.
 * @throws ZodError when it is not.
 */
export function parseStoredView(state: unknown): ViewGenerations {
  return stored.parse(state);
}
