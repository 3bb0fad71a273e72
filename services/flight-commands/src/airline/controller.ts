import { Controller, Delete, Inject, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { carrierCode } from '../fields.js';
import { CommandDesk, parseKey, type CommandAnswer, type Exchange } from '../http/command-desk.js';
import { CommandRoute } from '../http/command-route.js';
import type { AirlineCommand } from './decider.js';
import { airline } from './entity.js';
import { airlineBody, putAirline } from './schema.js';

@ApiTags('airlines')
@Controller('airlines')
export class AirlineController {
  constructor(@Inject(CommandDesk) private readonly desk: CommandDesk) {}

  @Put(':carrier')
  @CommandRoute({
    summary: 'Create or replace an airline',
    param: ['carrier', 'IATA code, as UA'],
    body: airlineBody,
  })
  put(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AirlineAnswer> {
    const carrier = parseKey(carrierCode, request.params);
    return this.execute(putAirline(carrier, parseBody(airlineBody, request.body)), carrier, {
      request,
      reply,
    });
  }

  @Delete(':carrier')
  @CommandRoute({ summary: 'Remove an airline', param: ['carrier', 'IATA code, as UA'] })
  remove(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AirlineAnswer> {
    return this.execute({ type: 'RemoveAirline' }, parseKey(carrierCode, request.params), { request, reply });
  }

  private async execute(
    command: AirlineCommand,
    carrier: string,
    exchange: Exchange,
  ): Promise<AirlineAnswer> {
    return { carrier, ...(await this.desk.execute({ entity: airline, key: carrier, command }, exchange)) };
  }
}

type AirlineAnswer = CommandAnswer & { readonly carrier: string };
