import { Controller, Delete, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unstated } from '../clock.js';
import {
  CommandDesk,
  parseKey,
  type CommandAnswer,
  type Exchange,
  type Target,
} from '../http/command-desk.js';
import { CommandRoute } from '../http/command-route.js';
import type { FlightCommand } from './decider.js';
import { flight } from './entity.js';
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
    const answer = await this.execute({ key, command }, { request, reply });
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
    return this.executeOn((atMs) => schema.departFlight(body, atMs), { request, reply });
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
    return this.executeOn((atMs) => schema.arriveFlight(body, atMs), { request, reply });
  }

  @Post(':flightId/cancellation')
  @CommandRoute({ summary: 'The flight is cancelled', param, body: schema.cancellationBody })
  cancel(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    const body = parseBody(schema.cancellationBody, request.body ?? {});
    return this.executeOn((atMs) => schema.cancelFlight(body, atMs), { request, reply });
  }

  @Post(':flightId/diversion')
  @CommandRoute({ summary: 'The flight goes elsewhere', param, body: schema.diversionBody })
  divert(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    const body = parseBody(schema.diversionBody, request.body ?? {});
    return this.executeOn((atMs) => schema.divertFlight(body, atMs), { request, reply });
  }

  @Delete(':flightId')
  @CommandRoute({ summary: 'Remove the flight altogether', param })
  remove(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightAnswer> {
    return this.executeOn(() => ({ type: 'RemoveFlight' }), { request, reply });
  }

  /** `commandAt`: the command, at this time unless it states one. */
  private executeOn(commandAt: (ms: number) => FlightCommand, exchange: Exchange): Promise<FlightAnswer> {
    const key = parseKey(schema.flightId, exchange.request.params);
    return this.execute({ key, command: commandAt(this.desk.nowMs()), asked: commandAt(unstated) }, exchange);
  }

  private async execute(target: Omit<Target, 'entity'>, exchange: Exchange): Promise<FlightAnswer> {
    return { flightId: target.key, ...(await this.desk.execute({ entity: flight, ...target }, exchange)) };
  }
}

type FlightAnswer = CommandAnswer & { readonly flightId: string };
