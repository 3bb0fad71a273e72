import { addressProblem, type StoreKind } from '@reprise/view-store';
import { z } from 'zod';

/** The address of a store, with all that its connection needs: TLS and its certificates as parameters, as Postgres has them. */
export function storeAddress(kind: StoreKind) {
  return z.string().check((context) => {
    const problem = addressProblem(kind, context.value);
    // The address is not told: there may be a password in it.
    if (problem !== undefined) context.issues.push({ code: 'custom', message: problem, input: '' });
  });
}
