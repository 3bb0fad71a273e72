import { Controller, Delete, Inject, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { airportCode } from '../fields.js';
import { CommandDesk, parseKey, type CommandAnswer, type Exchange } from '../http/command-desk.js';
import { CommandRoute } from '../http/command-route.js';
import type { AirportCommand } from './decider.js';
import { airport } from './entity.js';
import { airportBody, putAirport } from './schema.js';

@ApiTags('airports')
@Controller('airports')
export class AirportController {
  constructor(@Inject(CommandDesk) private readonly desk: CommandDesk) {}

  @Put(':faa')
  @CommandRoute({
    summary: 'Create or replace an airport',
    param: ['faa', 'Airport code, as JFK'],
    body: airportBody,
  })
  put(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AirportAnswer> {
    const faa = parseKey(airportCode, request.params);
    return this.execute(putAirport(faa, parseBody(airportBody, request.body)), faa, { request, reply });
  }

  @Delete(':faa')
  @CommandRoute({ summary: 'Remove an airport', param: ['faa', 'Airport code, as JFK'] })
  remove(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AirportAnswer> {
    return this.execute({ type: 'RemoveAirport' }, parseKey(airportCode, request.params), { request, reply });
  }

  private async execute(command: AirportCommand, faa: string, exchange: Exchange): Promise<AirportAnswer> {
    return { faa, ...(await this.desk.execute({ entity: airport, key: faa, command }, exchange)) };
  }
}

type AirportAnswer = CommandAnswer & { readonly faa: string };
