import { problem } from '@reprise/service';
import { z } from 'zod';

const ofGeneration = z.object({ view: z.string(), number: z.coerce.number().int().min(1) });

/** @throws ProblemException 404: a path that names no number names no generation. */
export function generationIn(params: unknown): z.output<typeof ofGeneration> {
  const parsed = ofGeneration.safeParse(params);
  if (parsed.success) return parsed.data;
  throw problem(404, 'unknown-generation', 'Generations are named by their numbers: 1, 2, 3 …');
}
