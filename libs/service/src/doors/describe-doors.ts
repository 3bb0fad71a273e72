import type { OpenAPIObject } from '@nestjs/swagger';
import { problemSchema } from '../problem.js';
import type { Door, DoorKeeper } from './door-keeper.js';

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;
const scheme = 'tokens';

/** Adds to a service's description what its doors ask for, and what they may answer. */
export function describeDoors(document: OpenAPIObject, keeper: DoorKeeper): OpenAPIObject {
  const doors = new Map(keeper.doors.map((door) => [`${door.method} ${shown(door.path)}`, door]));
  for (const [path, item] of Object.entries(document.paths))
    for (const method of methods) {
      const operation = item[method];
      const door = doors.get(`${method.toUpperCase()} ${path}`);
      if (!operation || !door || door.access?.kind === 'open') continue;
      const scope = keeper.scopeOf(door.access);
      operation.security = securityOf(keeper, scope);
      operation.responses = { ...refusals(keeper, scope), ...operation.responses };
      if (typeof scope === 'string') Object.assign(operation, { 'x-scope': scope });
    }
  if (keeper.mode.kind === 'jwt') {
    document.components = { ...document.components };
    document.components.securitySchemes = {
      [scheme]: { type: 'openIdConnect', openIdConnectUrl: discoveryOf(keeper.mode.issuer) },
    };
  }
  return document;
}

/** `/flights/:flightId` as OpenAPI writes it. */
function shown(path: Door['path']): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

function securityOf({ mode }: DoorKeeper, scope: string | null | undefined): Record<string, string[]>[] {
  if (mode.kind === 'development') return [];
  return [{ [scheme]: typeof scope === 'string' ? [scope] : [] }];
}

function refusals({ mode }: DoorKeeper, scope: string | null | undefined) {
  const refusal = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  });
  const needed = typeof scope === 'string' ? `The token lacks the scope ${scope}` : 'The token is not enough';
  return {
    ...(mode.kind === 'jwt'
      ? { 401: refusal('There is no token, or one that is not accepted'), 403: refusal(needed) }
      : { 403: refusal('A page of another site in a browser sent it') }),
    429: refusal('This client asks too often: try again after Retry-After seconds'),
    default: refusal('Any other refusal'),
  };
}

function discoveryOf(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}
