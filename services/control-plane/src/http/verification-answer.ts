import type { Generation } from '@reprise/contracts';
import { z } from 'zod';
import type { BuilderFacts } from '../builders/builder-reports.js';
import { reportedVerification } from '../builders/reported-verification.js';

const differenceAnswer = z.object({
  kind: z.string().describe('row or group'),
  entity: z.string().describe('Key of the entity; empty for a group'),
  key: z.string().describe('Key of the row; of a group its columns as JSON'),
  expected: z.string().nullable().describe('What it must be, as JSON; null: it must not be there'),
  actual: z.string().nullable().describe('What it is, as JSON; null: it is not there'),
});

export const verificationAnswer = z.object({
  id: z.number().describe('1, 2, 3 … per generation'),
  repair: z.boolean().describe('Differences are mended'),
  against: z.number().nullable().describe('The generation that it is compared with; null: the log'),
  requestedBy: z.string(),
  requestedAt: z.number().describe('Epoch milliseconds, UTC'),
  concludedAt: z.number().nullable().describe('Epoch milliseconds, UTC; null while it runs'),
  phase: z.string().nullable().describe('Null when it is over, or no builder has begun'),
  percent: z.number().describe('0 to 100'),
  entitiesChecked: z.number(),
  differences: z.number(),
  repaired: z.number().describe('Of the differences'),
  problem: z.string().nullable().describe('Why it could not be carried through'),
  samples: z.array(differenceAnswer).describe('The first differences'),
});

export type VerificationAnswer = z.output<typeof verificationAnswer>;

/** As stored, or, while it runs, as its builders report it. */
export function answerVerification(generation: Generation, facts: BuilderFacts): VerificationAnswer | null {
  const { verification } = generation;
  if (!verification) return null;
  const running = reportedVerification(generation, facts);
  const { samples, ...found } = running?.result ?? verification;
  const { id, repair, against, requestedBy, requestedAt, concludedAt } = verification;
  const { entitiesChecked, differences, repaired, problem } = found;
  return {
    ...{ id, repair, against, requestedBy, requestedAt, concludedAt },
    phase: running?.phase ?? null,
    percent: running?.percent ?? (concludedAt === null ? 0 : 100),
    ...{ entitiesChecked, differences, repaired, problem },
    samples: samples.map((sample) => ({ ...sample })),
  };
}
