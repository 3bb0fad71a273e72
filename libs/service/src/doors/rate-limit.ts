import type { CreateRateLimitOptions } from '@fastify/rate-limit';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../problem.js';
import { knownCaller } from './caller.js';

/** Refuses a client that asks too often. @throws ProblemException 429. */
export type RateLimit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const windowMs = 60_000;
/** Clients that are counted; beyond it those that asked longest ago are forgotten. */
const mostClients = 20_000;

/** Counts by the caller, or by the address of those whom we do not know. `most` 0: nobody is counted. */
export async function rateLimitOn(fastify: FastifyInstance, most: number): Promise<RateLimit> {
  if (most === 0) return () => Promise.resolve();
  await fastify.register(rateLimit, { global: false, cache: mostClients });
  const options: CreateRateLimitOptions = { max: most, timeWindow: windowMs, keyGenerator: clientOf };
  const count = fastify.createRateLimit(options);
  return async (request, reply) => {
    const counted = await count(request);
    if (counted.isAllowed) return;
    const { remaining, ttlInSeconds, isExceeded } = counted;
    const headers = {
      'ratelimit-limit': String(most),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(ttlInSeconds),
    };
    void reply.headers(headers);
    if (!isExceeded) return;
    const detail = `No more than ${most} requests are taken of one client in a minute. Try again in ${ttlInSeconds} s.`;
    throw problem(429, 'too-many-requests', detail).with({
      headers: { ...headers, 'retry-after': String(ttlInSeconds) },
    });
  };
}

function clientOf(request: FastifyRequest): string {
  const subject = knownCaller(request)?.subject;
  return subject === undefined ? `address ${request.ip}` : `subject ${subject}`;
}
