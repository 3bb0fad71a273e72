import { Controller, Delete, Inject, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tailNumber } from '../fields.js';
import { CommandDesk, parseKey, type CommandAnswer, type Exchange } from '../http/command-desk.js';
import { CommandRoute } from '../http/command-route.js';
import type { AircraftCommand } from './decider.js';
import { aircraft } from './entity.js';
import { aircraftBody, putAircraft } from './schema.js';

@ApiTags('aircraft')
@Controller('aircraft')
export class AircraftController {
  constructor(@Inject(CommandDesk) private readonly desk: CommandDesk) {}

  @Put(':tailnum')
  @CommandRoute({
    summary: 'Create or replace an aircraft',
    param: ['tailnum', 'Tail number, as N14228'],
    body: aircraftBody,
  })
  put(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AircraftAnswer> {
    const tailnum = parseKey(tailNumber, request.params);
    return this.execute(putAircraft(tailnum, parseBody(aircraftBody, request.body)), tailnum, {
      request,
      reply,
    });
  }

  @Delete(':tailnum')
  @CommandRoute({ summary: 'Remove an aircraft', param: ['tailnum', 'Tail number, as N14228'] })
  remove(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AircraftAnswer> {
    return this.execute({ type: 'RemoveAircraft' }, parseKey(tailNumber, request.params), { request, reply });
  }

  private async execute(
    command: AircraftCommand,
    tailnum: string,
    exchange: Exchange,
  ): Promise<AircraftAnswer> {
    return { tailnum, ...(await this.desk.execute({ entity: aircraft, key: tailnum, command }, exchange)) };
  }
}

type AircraftAnswer = CommandAnswer & { readonly tailnum: string };
