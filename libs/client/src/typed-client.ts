import createClient, { type Client } from 'openapi-fetch';
import type { Session } from './session.js';

/**
 * A client of one service, typed by its OpenAPI document: `Paths` is what `openapi-typescript` makes of the service's
 * `/docs-json`. Clients that share a session see each other's writes.
 */
export function typedClient<Paths extends object>(session: Session, baseUrl: string): Client<Paths> {
  return createClient<Paths>({ baseUrl, fetch: (request) => session.fetch(request) });
}
