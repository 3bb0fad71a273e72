import type { FastifyRequest } from 'fastify';
import { problem, type ProblemException } from '../problem.js';

/** Who sent a request. */
export interface Caller {
  /** The token's subject; undefined in development mode, where nobody is told from anybody. */
  readonly subject: string | undefined;
  may(scope: string): boolean;
}

/** Development mode: everybody, with every scope. */
export const anybody: Caller = { subject: undefined, may: () => true };

const callers = new WeakMap<FastifyRequest, Caller>();

export function admitted(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/**
 * Who sent the request, as its door found out.
 * @throws Error when it passed no door: then it must not be answered.
 */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller) return caller;
  throw new Error('the request passed no door');
}

/** Undefined when it passed no door, or one that is open to all. */
export function knownCaller(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** The refusal of whoever lacks this scope. */
export function scopeMissing(scope: string): ProblemException {
  return problem(403, 'scope-missing', `This needs the scope ${scope}.`).with({
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
    extensions: { scope },
  });
}
