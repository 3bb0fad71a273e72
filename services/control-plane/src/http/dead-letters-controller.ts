import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody, parseQuery, problem } from '@reprise/service';
import type { FastifyRequest } from 'fastify';
import { ControlPlane } from '../control-plane.js';
import {
  compareLetters,
  isUnclosed,
  type HeldLetter,
  type LetterFilter,
} from '../dead-letters/held-letters.js';
import { askerOf } from './asker.js';
import { Describe } from './describe.js';
import {
  answerLetter,
  discardBody,
  letterAnswer,
  letterQuery,
  letterPath,
  lettersAnswer,
  orderAnswer,
  redriveBody,
  type LetterAnswer,
  type LettersAnswer,
  type OrderAnswer,
} from './letter-answers.js';

@ApiTags('dead letters')
@Controller('dead-letters')
export class DeadLettersController {
  constructor(@Inject(ControlPlane) private readonly plane: ControlPlane) {}

  @Get()
  @Describe({ summary: 'Records that were set aside, those set aside last first', answer: lettersAnswer })
  list(@Req() request: FastifyRequest): LettersAnswer {
    const { limit, cursor, ...filter } = parseQuery(letterQuery, request.query);
    const { held } = this.plane.deadLetters;
    const found = held.select(filter);
    const rest = cursor === undefined ? found : found.slice(placeAfter(found, this.known(cursor)));
    const page = rest.slice(0, limit);
    return {
      total: found.length,
      letters: page.map(answerLetter),
      counts: [...held.counts()],
      cursor: page.length < rest.length ? (page.at(-1)?.letterId ?? null) : null,
    };
  }

  @Get(':letterId')
  @Describe({
    summary: 'One dead letter, with its decoded record',
    answer: letterAnswer,
    params: ['letterId'],
  })
  show(@Req() request: FastifyRequest): LetterAnswer {
    const { letterId } = parseQuery(letterPath, request.params);
    const found = this.plane.deadLetters.held.find(letterId);
    if (!found) throw problem(404, 'unknown-letter', `There is no dead letter ${letterId}.`);
    return answerLetter(found);
  }

  @Post('redrive')
  @HttpCode(200)
  @Describe({
    summary: 'Put letters through again, to their one view only; refused when the row is newer',
    answer: orderAnswer,
    body: redriveBody,
    commands: true,
  })
  async redrive(@Req() request: FastifyRequest): Promise<OrderAnswer> {
    const { dryRun, waitMs, ...selection } = parseBody(redriveBody, request.body);
    const letters = this.selected(selection);
    if (dryRun) return dryRunOf(letters);
    const asker = askerOf(request);
    const order = { action: 'redrive', letters, reason: null, asker, waitMs } as const;
    return answerOrder(await this.plane.deadLetters.order(order));
  }

  @Post('discard')
  @HttpCode(200)
  @Describe({
    summary: 'Close letters for good, with a reason',
    answer: orderAnswer,
    body: discardBody,
    commands: true,
  })
  async discard(@Req() request: FastifyRequest): Promise<OrderAnswer> {
    const { dryRun, waitMs, reason, ...selection } = parseBody(discardBody, request.body);
    const letters = this.selected(selection);
    if (dryRun) return dryRunOf(letters);
    const asker = askerOf(request);
    return answerOrder(
      await this.plane.deadLetters.order({ action: 'discard', letters, reason, asker, waitMs }),
    );
  }

  /** The letter that a page ended with may not be among those that are listed any more. */
  private known(cursor: string): HeldLetter {
    const letter = this.plane.deadLetters.held.find(cursor);
    if (letter) return letter;
    throw problem(
      400,
      'unknown-cursor',
      `No dead letter ${cursor} is known any more: begin without a cursor.`,
    );
  }

  /** @throws ProblemException 404 or 409 naming letters that are not there, or closed. */
  private selected(filter: LetterFilter): readonly HeldLetter[] {
    const { held } = this.plane.deadLetters;
    for (const letterId of filter.letterIds ?? []) {
      const letter = held.find(letterId);
      if (!letter) throw problem(404, 'unknown-letter', `There is no dead letter ${letterId}.`);
      if (!isUnclosed(letter))
        throw problem(409, 'letter-closed', `Dead letter ${letterId} is ${letter.status} already.`);
    }
    return held.select(filter).filter(isUnclosed);
  }
}

function placeAfter(found: readonly HeldLetter[], last: HeldLetter): number {
  const place = found.findIndex((letter) => compareLetters(last, letter) < 0);
  return place < 0 ? found.length : place;
}

function dryRunOf(letters: readonly HeldLetter[]): OrderAnswer {
  return {
    dryRun: true,
    selected: letters.length,
    results: letters.map(({ letterId, cause }) => ({ letterId, result: 'selected', cause })),
  };
}

function answerOrder(answers: readonly { letter: HeldLetter; result: string }[]): OrderAnswer {
  return {
    dryRun: false,
    selected: answers.length,
    results: answers.map(({ letter, result }) => ({
      letterId: letter.letterId,
      result,
      cause: letter.closedReason ?? letter.cause,
    })),
  };
}
