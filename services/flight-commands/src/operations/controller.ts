import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CommandStore, type Operation, type OperationCallback } from '@reprise/command-store';
import { formatPositions } from '@reprise/kernel';
import { callerOf, ForCallers, problem } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { positionHeader } from '../http/command-desk.js';

const operationId = z.uuid();

/** What clients are told of an operation. */
export interface OperationReport {
  readonly id: string;
  readonly state: Operation['state'];
  readonly actor: string;
  readonly correlationId: string;
  readonly askedAt: string;
  readonly result: {
    readonly stream: string;
    readonly key: string;
    readonly version: number;
    readonly events: readonly string[];
    /** As in `Reprise-Position`; as soon as it is published. */
    readonly position?: string;
  };
  /** When somebody asked to be called back. */
  readonly callback?: OperationCallback;
}

@ApiTags('operations')
@Controller('operations')
export class OperationsController {
  constructor(@Inject(CommandStore) private readonly store: CommandStore) {}

  @Get(':id')
  @ForCallers()
  @ApiOperation({ summary: 'What became of a command that was answered 202' })
  @ApiParam({ name: 'id', type: String, description: 'As in the Location of the answer' })
  @ApiResponse({
    status: 200,
    description:
      'state: pending (decided and stored, waits for the log), then published; with the result, and then its position',
  })
  @ApiResponse({
    status: 404,
    description: 'Unknown, forgotten since, or of somebody else',
    content: { 'application/problem+json': {} },
  })
  async read(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationReport> {
    const operation = operationId.safeParse(id).success ? await this.store.operation(id) : undefined;
    const { subject } = callerOf(request);
    // Whose it is not is told no more than of one that is not there.
    if (!operation || (subject !== undefined && operation.actor !== subject))
      throw problem(404, 'operation-unknown', 'There is no such operation, or not any more.');
    const report = reportOf(operation);
    if (report.result.position !== undefined) reply.header(positionHeader, report.result.position);
    else reply.header('retry-after', '1');
    return report;
  }
}

export function reportOf({
  outcome,
  positions,
  askedAt,
  callback,
  ...operation
}: Operation): OperationReport {
  const { id, state, actor, correlationId, stream, key } = operation;
  const { version } = outcome;
  const events = outcome.kind === 'accepted' ? outcome.events : [];
  const position = positions && { position: formatPositions(positions) };
  return {
    ...{ id, state, actor, correlationId, askedAt: askedAt.toISOString() },
    result: { stream, key, version, events, ...position },
    ...(callback && { callback }),
  };
}
