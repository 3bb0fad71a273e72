import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Logger } from '../logger.js';
import { problem } from '../problem.js';
import { readScopeOf, type Access } from './access.js';
import { admitted, anybody, scopeMissing, type Caller } from './caller.js';
import { crossSiteFault } from './cross-site.js';
import { rateLimitOn, type RateLimit } from './rate-limit.js';
import { authModeOf, type AuthMode, type DoorSettings } from './settings.js';
import { SigningKeys } from './signing-keys.js';
import { callerBy } from './tokens.js';

/** A route as it was registered; without `access` nobody passes. */
export interface Door {
  readonly method: string;
  /** As `/flights/:flightId`. */
  readonly path: string;
  readonly access: Access | undefined;
}

/** What the platform itself serves beside the routes of a service: whether a process is well, and how to use it. */
const ownDoors = /^\/(health|metrics|docs|docs-json|docs-yaml)(\/|$)/;
const requestsInAMinute = 6_000;

/**
 * Stands before every route of a process, before a byte of a body is read. Who asks is found out first, then whether they ask
 * too often, then whether they may. A route that does not say who may pass lets nobody pass.
 */
@Injectable()
export class DoorKeeper {
  readonly doors: Door[] = [];
  readonly mode: AuthMode;
  private readonly keys: SigningKeys | undefined;
  private view: string | undefined;
  private limit: RateLimit = () => Promise.resolve();

  constructor(
    private readonly settings: Partial<DoorSettings>,
    private readonly logger: Logger,
  ) {
    this.mode = authModeOf(settings);
    if (this.mode.kind === 'development') return;
    this.keys = new SigningKeys({
      issuer: this.mode.issuer,
      jwksUrl: this.mode.jwksUrl,
      nowMs: () => performance.now(),
      onTrouble: (reason) => {
        logger.warn({ reason }, 'cannot fetch the keys of the issuer of tokens');
      },
    });
  }

  /** To be called before any route is registered. */
  async guard(fastify: FastifyInstance): Promise<void> {
    const { REPRISE_RATE_LIMIT: most = this.keys ? requestsInAMinute : 0 } = this.settings;
    fastify.addHook('onRoute', (route) => {
      this.note(route);
    });
    fastify.addHook('onRequest', (request, reply) => this.admit(request, reply));
    this.limit = await rateLimitOn(fastify, most);
  }

  /** The view that routes for its readers show. */
  serve(view: string): void {
    this.view = view;
  }

  /** Loud, so that nobody takes it for anything else. */
  announce(host: string): void {
    if (this.mode.kind === 'jwt') return;
    const text =
      'DEVELOPMENT MODE: nobody is asked who they are, and everybody who reaches this address may do everything';
    this.logger.warn({ host }, text);
  }

  /** @throws Error while no token can be checked. */
  async requireKeys(): Promise<void> {
    await this.keys?.refresh();
    if (this.keys?.areKnown === false) throw new Error('the keys of the issuer of tokens are not known');
  }

  /** The scope that a route needs; undefined when it needs none, null when nobody passes. */
  scopeOf(access: Access | undefined): string | null | undefined {
    switch (access?.kind) {
      case 'open':
      case 'caller':
        return undefined;
      case 'scope':
        return access.scope;
      case 'view':
        return this.view === undefined ? null : readScopeOf(this.view);
      case undefined:
        return null;
    }
  }

  private note({ method, url, config }: RouteOptions): void {
    const access = accessTo(url, config?.access);
    for (const one of [method].flat()) this.doors.push({ method: one, path: url, access });
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (this.mode.kind === 'development') refuseCrossSite(request);
    const { url = '', config } = request.routeOptions;
    const access = accessTo(url, config.access);
    if (access?.kind === 'open') return;
    // What is not there needs no token: it is answered as such.
    if (request.is404) {
      await this.limit(request, reply);
      this.refuseMethod(request);
      return;
    }
    const caller = await this.identified(request, reply);
    admitted(request, caller);
    await this.limit(request, reply);
    const scope = this.scopeOf(access);
    if (scope === null) throw problem(403, 'closed', 'Nobody may do this.');
    if (scope !== undefined && !caller.may(scope)) throw scopeMissing(scope);
  }

  /** Of what is there under other methods it is told under which. */
  private refuseMethod({ url, method }: FastifyRequest): void {
    const [path = ''] = url.split('?');
    const allowed = this.doors.filter((door) => patternOf(door.path).test(path)).map((door) => door.method);
    if (allowed.length === 0) return;
    throw problem(405, 'method-not-allowed', `${method} is none of the methods that this answers.`).with({
      headers: { allow: [...new Set(allowed)].join(', ') },
    });
  }

  private async identified(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const { mode, keys } = this;
    if (mode.kind === 'development' || !keys) return anybody;
    try {
      return await callerBy(request.headers.authorization, { ...mode, keyOf: keys.keyOf });
    } catch (refusal) {
      // Guesses are counted as well.
      await this.limit(request, reply);
      throw refusal;
    }
  }
}

/** Of the paths that a route answers. */
function patternOf(route: string): RegExp {
  const escaped = route.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`);
}

function accessTo(url: string, access: Access | undefined): Access | undefined {
  return access ?? (ownDoors.test(url) ? { kind: 'open' } : undefined);
}

function refuseCrossSite({ method, headers }: FastifyRequest): void {
  const fault = crossSiteFault(method, headers);
  if (fault === undefined) return;
  throw problem(403, 'cross-site-request', `In development mode this request is refused: ${fault}.`);
}
