import { Readable } from 'node:stream';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { messageOf } from '@reprise/kernel';
import { callerOf, ForCallers, LOGGER, problem, type Logger } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CommandDesk } from '../http/command-desk.js';
import { readMarks } from '../http/marks.js';
import { appliedPreferences, readPreferences } from '../http/preferences.js';
import { ndjson, NdjsonBody } from './ndjson-body.js';
import { runBatch } from './run-batch.js';

const description =
  'One JSON object a line: { id?, ifVersion?, type, key or flightId, … the fields of the REST body }. ifVersion is the version ' +
  'that the entity must be at, 0 that it must be new. One line back for each, in order: ' +
  '{ line, id?, outcome: accepted | unchanged | refused | invalid, key, version?, repeated?, problem? }. ' +
  'Each needs the scope of its entity type. When it cannot be finished the last line is { outcome: "stopped", fromLine, problem }. ' +
  'With Idempotency-Key, lines without an id have one by their number: the same lines sent again with the same key are executed once. ' +
  'With Prefer: wait=seconds one more line comes when all is in the log: { outcome: "published", position }, to be given to queries ' +
  'as Reprise-Min-Position; or { outcome: "pending" } when that is not known in time.';

/** For the log, once all is executed: nobody else is kept waiting by that. */
const longestWaitMs = 60_000;

@ApiTags('batch')
@Controller('commands')
export class BatchController {
  constructor(
    @Inject(CommandDesk) private readonly desk: CommandDesk,
    @Inject(NdjsonBody) private readonly intake: NdjsonBody,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post()
  @ForCallers({ streams: true })
  @ApiOperation({ summary: 'Any number of commands, in order', description })
  @ApiConsumes(ndjson)
  @ApiProduces(ndjson)
  @ApiBody({
    schema: { type: 'string', example: '{"type":"PutAirline","key":"UA","name":"United Air Lines Inc."}\n' },
  })
  @ApiResponse({ status: 200, description: 'An outcome a line, written as the commands are executed' })
  async run(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { body } = request;
    if (!(body instanceof Readable)) {
      throw problem(415, 'unsupported-media-type', `Send commands as ${ndjson}, one a line.`);
    }
    const { idempotencyKey: key, provenance } = readMarks(request);
    const { waitMs } = readPreferences(request.headers);
    const applied = appliedPreferences({ waitMs, respondAsync: false });
    if (applied !== undefined) reply.header('preference-applied', applied);
    const lines = runBatch(body, {
      execute: (requests) => this.desk.executeAll(requests),
      ...{ key, provenance, caller: callerOf(request) },
      positions: (partitions, wait) => this.desk.positions(partitions, wait),
      waitMs: waitMs === undefined ? undefined : Math.min(waitMs, longestWaitMs),
      maxLines: this.intake.limits.maxLines,
      nowMs: () => this.desk.nowMs(),
      isStopping: () => this.intake.isStopping,
      onFailure: (failure) => {
        this.logger.warn({ reason: messageOf(failure) }, 'a batch ended early');
      },
    });
    await reply
      .status(200)
      .header('x-correlation-id', provenance.correlationId)
      .type(ndjson)
      .send(Readable.from(lines));
  }
}
