import type { z } from 'zod';
import { problem } from './problem.js';

/** @throws ProblemException 400 with one entry per bad parameter. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  return parse(schema, query, { status: 400, code: 'invalid-parameter', what: 'query parameters' });
}

/** @throws ProblemException 422 with one entry per bad field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  return parse(schema, body, { status: 422, code: 'invalid-body', what: 'body' });
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  { status, code, what }: { status: number; code: string; what: string },
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ at: issue.path.join('.'), message: issue.message }));
  const summary = errors.map(({ at, message }) => (at === '' ? message : `${at}: ${message}`)).join('; ');
  throw problem(status, code, `The ${what} cannot be used. ${summary}`).with({ extensions: { errors } });
}
