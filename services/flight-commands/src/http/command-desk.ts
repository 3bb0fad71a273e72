import { Inject, Injectable } from '@nestjs/common';
import {
  CommandStore,
  type CommandOutcome,
  type CommandRequest,
  type Submission,
} from '@reprise/command-store';
import { formatPositions, type Clock, type Positions } from '@reprise/kernel';
import { problem, type ProblemException } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CLOCK } from '../clock.js';
import { reusedId, statusOfRefusal, versionMismatch, type Hindrance } from '../outcome.js';
import { readCallback } from './callback.js';
import { etagOf, readCondition } from './condition.js';
import { readMarks } from './marks.js';
import { appliedPreferences, readPreferences, waitOf, type Preferences } from './preferences.js';

/** A command with what it is for. */
export type Target = Pick<CommandRequest, 'entity' | 'key' | 'command' | 'asked'>;

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
  /** Where to ask when the events are in the log; only as long as that is not known. */
  readonly operation?: string;
}

/** Injection token of the {@link DeskSettings}. */
export const DESK_SETTINGS = Symbol('desk settings');

export interface DeskSettings {
  /** The longest time that an answer waits for the log. */
  readonly publishWaitMs: number;
  /** Who may be called back; empty: nobody. */
  readonly callbackOrigins: readonly string[];
}

/** How far a reader has come that shows what the command left. */
export const positionHeader = 'reprise-position';

/** Takes one command to the store, and its outcome back to whoever asked. */
@Injectable()
export class CommandDesk {
  constructor(
    @Inject(CommandStore) private readonly store: CommandStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DESK_SETTINGS) private readonly settings: DeskSettings,
  ) {}

  /** Epoch milliseconds: the time of a command that states none. */
  nowMs(): number {
    return this.clock.nowMs();
  }

  /** One transaction for all; outcomes in the order of the requests. */
  executeAll(requests: readonly CommandRequest[]): Promise<readonly CommandOutcome[]> {
    return this.store.execute(requests);
  }

  /** As {@link CommandStore.positions}. */
  positions(...asked: Parameters<CommandStore['positions']>): Promise<Positions | undefined> {
    return this.store.positions(...asked);
  }

  /**
   * 201 when the entity is new, else 200, as soon as the events are in the log; 202 when that takes longer, or was not to be
   * waited for.
   * @throws ProblemException 404, 409 or 422 when the command is refused, 412 when the entity is at another version.
   */
  async execute(target: Target, { request, reply }: Exchange): Promise<CommandAnswer> {
    const marks = readMarks(request);
    reply.header('x-correlation-id', marks.provenance.correlationId);
    const preferences = readPreferences(request.headers);
    const callbackUrl = readCallback(request.headers, {
      origins: this.settings.callbackOrigins,
      respondAsync: preferences.respondAsync,
    });
    const condition = readCondition(request.headers);
    const submission = await this.store.submit({
      ...target,
      ...marks,
      ...(condition && { condition }),
      ...(callbackUrl && { callbackUrl }),
    });
    const { outcome } = submission;
    // Also of the version that was not the one asked for.
    if ('version' in outcome && outcome.version !== undefined) reply.header('etag', etagOf(outcome.version));
    const answer = answerOf(outcome);
    if (await this.isPublished(submission, preferences, reply)) {
      reply.status(outcome.kind === 'accepted' && outcome.created ? 201 : 200);
      return answer;
    }
    const operation = `/operations/${submission.operationId ?? ''}`;
    reply.status(202).header('location', operation);
    return { ...answer, operation };
  }

  /** Tells the position when it is known in time. */
  private async isPublished(
    submission: Submission,
    preferences: Preferences,
    reply: FastifyReply,
  ): Promise<boolean> {
    const applied = appliedPreferences(preferences);
    if (applied !== undefined) reply.header('preference-applied', applied);
    const waitMs = waitOf(preferences, this.settings.publishWaitMs);
    const positions = await submission.positions(waitMs);
    if (!positions || (preferences.respondAsync && waitMs === 0)) return false;
    if (positions.size > 0) reply.header(positionHeader, formatPositions(positions));
    return true;
  }
}

function answerOf(outcome: CommandOutcome): CommandAnswer {
  switch (outcome.kind) {
    case 'accepted':
      return { version: outcome.version, events: outcome.events, repeated: outcome.repeated };
    case 'unchanged':
      return { version: outcome.version, events: [], repeated: outcome.repeated };
    case 'refused':
      throw hindered({ status: statusOfRefusal(outcome.refusal), ...outcome.refusal });
    case 'mismatched':
      throw hindered(versionMismatch(outcome.version));
    case 'reused':
      throw hindered(reusedId);
  }
}

function hindered({ status, code, detail }: Hindrance): ProblemException {
  return problem(status, code, detail);
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
