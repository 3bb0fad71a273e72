import { Inject, Injectable } from '@nestjs/common';
import { CommandStore, type CommandOutcome, type CommandRequest } from '@reprise/command-store';
import type { Clock } from '@reprise/kernel';
import { problem } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CLOCK } from '../clock.js';
import { isReusedId, reusedId, statusOfRefusal } from '../outcome.js';
import { readMarks } from './marks.js';

/** A command with what it is for. */
export type Target = Pick<CommandRequest, 'entity' | 'key' | 'command'>;

export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface CommandAnswer {
  readonly version: number;
  /** Names of the events that were appended; empty when the command changed nothing. */
  readonly events: readonly string[];
  /** True when the same idempotency key was answered before. */
  readonly repeated: boolean;
}

/** The facts after which something exists that did not. */
const creating = /^(Airline|Airport|Aircraft)Registered$|^FlightScheduled$/;

/** Takes one command to the store, and its outcome back to whoever asked. */
@Injectable()
export class CommandDesk {
  constructor(
    @Inject(CommandStore) private readonly store: CommandStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Epoch milliseconds: the time of a command that states none. */
  nowMs(): number {
    return this.clock.nowMs();
  }

  /** One transaction for all; outcomes in the order of the requests. */
  executeAll(requests: readonly CommandRequest[]): Promise<readonly CommandOutcome[]> {
    return this.store.execute(requests);
  }

  /**
   * 201 when the entity is new, else 200.
   * @throws ProblemException 404, 409 or 422 when the command is refused.
   */
  async execute(target: Target, { request, reply }: Exchange): Promise<CommandAnswer> {
    const marks = readMarks(request.headers);
    reply.header('x-correlation-id', marks.provenance.correlationId);
    const [outcome] = await this.store.execute([{ ...target, ...marks }]);
    if (!outcome) throw new RangeError('the store gave no outcome');
    if (isReusedId(outcome, target.key)) throw problem(reusedId.status, reusedId.code, reusedId.detail);
    const answer = answerOf(outcome);
    reply.status(answer.events.some((event) => creating.test(event)) ? 201 : 200);
    return answer;
  }
}

function answerOf(outcome: CommandOutcome): CommandAnswer {
  switch (outcome.kind) {
    case 'accepted':
      return { version: outcome.version, events: outcome.events, repeated: outcome.repeated };
    case 'unchanged':
      return { version: outcome.version, events: [], repeated: outcome.repeated };
    case 'refused':
      throw problem(statusOfRefusal(outcome.refusal), outcome.refusal.code, outcome.refusal.detail);
  }
}

/**
 * The key in a path.
 * @throws ProblemException 422 when it cannot be one.
 */
export function parseKey(schema: z.ZodType<string>, params: unknown): string {
  const values: unknown[] = typeof params === 'object' && params !== null ? Object.values(params) : [];
  const parsed = schema.safeParse(values[0]);
  if (parsed.success) return parsed.data;
  throw problem(422, 'invalid-key', `The key in the path ${parsed.error.issues[0]?.message ?? 'is wrong'}.`);
}
