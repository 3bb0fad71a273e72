import { z } from 'zod';
import type { HeldLetter } from '../dead-letters/held-letters.js';

const statuses = ['open', 'waiting', 'redriven', 'superseded', 'discarded'] as const;

export const letterPath = z.object({ letterId: z.string() });

/** Unknown parameters are refused. */
export const letterQuery = z.strictObject({
  view: z.string().optional(),
  generation: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be the number of a generation')
    .transform(Number)
    .optional(),
  status: z.enum(statuses).optional(),
  code: z.string().optional().describe('As record-undecodable, projection-failed, row-refused'),
  key: z.string().optional().describe('Key of the entity'),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, 'must be 1 to 1000')
    .transform(Number)
    .default(100),
  cursor: z.string().optional().describe('The cursor of the answer before'),
});

const selectors = {
  letterIds: z.array(z.string()).min(1).max(10_000).optional(),
  view: z.string().optional(),
  generation: z.int().min(1).optional(),
  code: z.string().optional(),
  key: z.string().optional(),
  all: z.literal(true).optional().describe('Every open letter of every view'),
  dryRun: z.boolean().default(false).describe('Only say which letters it would be'),
  waitMs: z.int().min(0).max(30_000).default(5_000).describe('How long to wait for what becomes of them'),
};
const selects = (body: object): boolean =>
  ['letterIds', 'view', 'generation', 'code', 'key', 'all'].some((name) => name in body);
const selectsNothing = 'name letterIds, a view, generation, code or key, or say all: true';

export const redriveBody = z.strictObject(selectors).refine(selects, selectsNothing);
export const discardBody = z
  .strictObject({ ...selectors, reason: z.string().trim().min(1).max(500).describe('Why it may be lost') })
  .refine(selects, selectsNothing);

export const letterAnswer = z.object({
  letterId: z.string(),
  view: z.string(),
  generation: z.number(),
  partition: z.string(),
  offset: z.number(),
  key: z.string(),
  entityVersion: z.number().nullable(),
  status: z.string(),
  code: z.string(),
  cause: z.string(),
  attempts: z.number(),
  parkedAt: z.number().describe('Epoch milliseconds, UTC'),
  recordBytes: z.number(),
  decoded: z.string().nullable().describe('The whole record as JSON; null when it cannot be decoded'),
  closedAt: z.number().nullable(),
  closedBy: z.string().nullable(),
  closedReason: z.string().nullable(),
});

export const lettersAnswer = z.object({
  total: z.number(),
  letters: z.array(letterAnswer),
  counts: z.array(
    z.object({ view: z.string(), generation: z.number(), status: z.string(), letters: z.number() }),
  ),
  cursor: z.string().nullable(),
});

export const orderAnswer = z.object({
  dryRun: z.boolean(),
  selected: z.number(),
  results: z.array(
    z.object({
      letterId: z.string(),
      result: z.string().describe('selected (dry run), redriven, discarded, failed, refused or pending'),
      cause: z.string(),
    }),
  ),
});

export type LetterAnswer = z.output<typeof letterAnswer>;
export type LettersAnswer = z.output<typeof lettersAnswer>;
export type OrderAnswer = z.output<typeof orderAnswer>;

export function answerLetter(letter: HeldLetter): LetterAnswer {
  // What only builders need to know stays out.
  return letterAnswer.parse(letter);
}
