import { z } from 'zod';

/** One row: what its entity in the stream airport is now. */
export const templateViewRow = z.object({
  // <row>
  faa: z.string().describe('FAA code, as JFK'),
  name: z.string().describe('Name of the airport'),
  latitude: z.number().nullable().describe('Degrees north'),
  longitude: z.number().nullable().describe('Degrees east'),
  altitudeFeet: z.int().nullable().describe('Feet above sea level'),
  timeZone: z.string().nullable().describe('IANA time zone, as America/New_York'),
  // </row>
});
export type TemplateViewRow = Readonly<z.infer<typeof templateViewRow>>;
