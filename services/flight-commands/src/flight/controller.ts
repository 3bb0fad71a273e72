import { Controller, Delete, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { flight } from '../entities.js';
import { CommandDesk, parseKey, type CommandAnswer, type Exchange } from '../http/command-desk.js';
import { CommandRoute } from '../http/command-route.js';
import type { FlightCommand } from './decider.js';
import * as schema from './schema.js';

const param = ['flightId', 'As 2013-01-01-UA1545-EWR'] as const;

@ApiTags('flights')
@Controller('flights')
export class FlightController {
  constructor(@Inject(CommandDesk) private readonly desk: CommandDesk) {}

  @Post()
  @CommandRoute({
    summary: 'Schedule a flight, or change the schedule of one that has not departed',
    body: schema.scheduleBody,
  })
  async schedule(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    const { key, command } = schema.scheduleFlight(parseBody(schema.scheduleBody, request.body));
    const answer = await this.execute(command, key, { request, reply });
    if (reply.statusCode === 201) reply.header('location', `/flights/${key}`);
    return answer;
  }

  @Post(':flightId/departure')
  @CommandRoute({
    summary: 'The flight departed: now, unless said otherwise',
    param,
    body: schema.departureBody,
  })
  depart(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    const body = parseBody(schema.departureBody, request.body ?? {});
    return this.executeOn(schema.departFlight(body, this.desk.nowMs()), { request, reply });
  }

  @Post(':flightId/arrival')
  @CommandRoute({
    summary: 'The flight arrived: now, unless said otherwise',
    param,
    body: schema.arrivalBody,
  })
  arrive(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    const body = parseBody(schema.arrivalBody, request.body ?? {});
    return this.executeOn(schema.arriveFlight(body, this.desk.nowMs()), { request, reply });
  }

  @Post(':flightId/cancellation')
  @CommandRoute({ summary: 'The flight is cancelled', param, body: schema.cancellationBody })
  cancel(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    const body = parseBody(schema.cancellationBody, request.body ?? {});
    return this.executeOn(schema.cancelFlight(body, this.desk.nowMs()), { request, reply });
  }

  @Post(':flightId/diversion')
  @CommandRoute({ summary: 'The flight goes elsewhere', param, body: schema.diversionBody })
  divert(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    const body = parseBody(schema.diversionBody, request.body ?? {});
    return this.executeOn(schema.divertFlight(body, this.desk.nowMs()), { request, reply });
  }

  @Delete(':flightId')
  @CommandRoute({ summary: 'Remove the flight altogether', param })
  remove(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    return this.executeOn({ type: 'RemoveFlight' }, { request, reply });
  }

  private executeOn(command: FlightCommand, exchange: Exchange): Promise<FlightAnswer> {
    return this.execute(command, parseKey(schema.flightId, exchange.request.params), exchange);
  }

  private async execute(command: FlightCommand, flightId: string, exchange: Exchange): Promise<FlightAnswer> {
    return { flightId, ...(await this.desk.execute({ entity: flight, key: flightId, command }, exchange)) };
  }
}

type FlightAnswer = CommandAnswer & { readonly flightId: string };
