import { z } from 'zod';
import { templateViewRow } from './row.js';

/** Which rows a list is asked for. Unknown parameters are refused. */
export const pageParameters = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, 'must be 1 to 1000')
    .transform(Number)
    .default(50)
    .describe('Most rows in the answer, 1 to 1000'),
  cursor: z.string().default('').describe('The cursor of the answer before, for the rows after it'),
});
export type PageParameters = z.infer<typeof pageParameters>;

export const page = z.object({
  rows: z.array(templateViewRow),
  cursor: z.string().nullable().describe('Give it back for what comes after; null: nothing does'),
});
export type Page = z.infer<typeof page>;

/** @param found In order, and one more than the page holds when another page follows. */
export function pageOf(found: Page['rows'], limit: number): Page {
  const rows = found.slice(0, limit);
  return { rows, cursor: found.length > limit ? (rows.at(-1)?.faa ?? null) : null };
}
