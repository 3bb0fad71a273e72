import type { UniqueRule } from '@reprise/command-store';
import type { Airline } from '@reprise/contracts';

/** Two airlines have two names, however they are written. */
export const airlineName: UniqueRule<Airline> = {
  name: 'airline-name',
  of: ({ name }) => name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' '),
};
