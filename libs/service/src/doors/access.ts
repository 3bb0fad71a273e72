import { RouteConfig } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';

/**
 * Who may pass a route's door. `open`: everybody. `caller`: everybody whom we know; what they may do is decided behind it.
 * `scope`: callers with this scope. `view`: callers who may read the view that the process serves.
 */
export type Access =
  | { readonly kind: 'open' }
  | { readonly kind: 'caller' }
  | { readonly kind: 'scope'; readonly scope: string }
  | { readonly kind: 'view' };

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Left out: nobody passes. */
    readonly access?: Access;
    /** The route reads its body by and by, for as long as it takes. */
    readonly streams?: boolean;
  }
}

/** Everybody passes, known or not. */
export function OpenToAll(): MethodDecorator {
  return RouteConfig({ access: { kind: 'open' } });
}

/** Everybody passes whom we know: the route itself looks at what they may do. `streams`: it reads its body by and by. */
export function ForCallers({ streams = false } = {}): MethodDecorator {
  return RouteConfig({ access: { kind: 'caller' }, streams });
}

/** Callers with this scope pass. */
export function ForScope(scope: string): MethodDecorator {
  return RouteConfig({ access: { kind: 'scope', scope } });
}

/** Callers who may read the view of this process pass. */
export function ForReaders(): MethodDecorator {
  return RouteConfig({ access: { kind: 'view' } });
}

/** Puts the same door before every route of a controller; returns it. */
export function requireScope(controller: Type, scope: string): Type {
  const methods: object = controller.prototype as object;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(methods)))
    if (name !== 'constructor' && typeof descriptor.value === 'function')
      ForScope(scope)(methods, name, descriptor);
  return controller;
}

/** The scope that reading a view needs. */
export function readScopeOf(view: string): string {
  return `${view}:read`;
}

/** The scope that a command on entities of this type needs: `flight:write`. */
export function writeScopeOf(entityType: string): string {
  return `${entityType}:write`;
}

/** The scopes of whoever runs the platform. */
export const operatorScopes = { read: 'operator:read', write: 'operator:write' } as const;
