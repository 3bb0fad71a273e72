import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { CodedError, callsFor, messageOf } from '@reprise/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemBody, ProblemException, type Problem } from './problem.js';
import type { Logger } from './logger.js';

/** The one place where failures become answers: RFC 9457, and nothing of our insides. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { problem, headers } = this.answerTo(thrown, request);
    void reply.status(problem.status).headers(headers).type('application/problem+json').send(problem);
  }

  private answerTo(
    thrown: unknown,
    request: FastifyRequest,
  ): { problem: Problem; headers: Readonly<Record<string, string>> } {
    if (thrown instanceof ProblemException) return { problem: thrown.problem, headers: thrown.headers };
    const status = clientFault(thrown);
    if (status !== undefined) {
      // Without its cause: the framework repeats itself there.
      const detail = thrown instanceof Error ? thrown.message : 'The request cannot be used.';
      return { problem: problemBody(status, codeOf(status), detail), headers: {} };
    }
    // While a view is read there is no row of its own: what the store refused came with the request.
    if (thrown instanceof CodedError && thrown.code === 'row-refused') {
      const detail = 'The request holds a value that the store can hold nowhere.';
      return { problem: problemBody(400, 'value-refused', detail), headers: {} };
    }
    if (callsFor(thrown, 'retry')) {
      this.logger.warn(
        { code: thrown.code, path: request.url, reason: messageOf(thrown) },
        'a dependency is away',
      );
      return { problem: unavailable(thrown), headers: { 'retry-after': '1' } };
    }
    this.logger.error({ path: request.url, err: thrown }, 'request failed');
    return {
      problem: problemBody(500, 'internal-error', 'The request failed. The log says why.'),
      headers: {},
    };
  }
}

function unavailable({ code }: CodedError): Problem {
  return code.endsWith('-overloaded')
    ? problemBody(503, 'overloaded', 'Too much is waiting already. Try again.')
    : problemBody(503, 'dependency-unavailable', 'A store or the log cannot be reached. Try again.');
}

/** The status of a fault of the caller's that the framework found: an unknown path, a body that is too large or not JSON. */
function clientFault(thrown: unknown): number | undefined {
  const status =
    thrown instanceof HttpException
      ? thrown.getStatus()
      : thrown instanceof Error && 'statusCode' in thrown
        ? thrown.statusCode
        : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function codeOf(status: number): string {
  return (problemBody(status, '', '').title || 'error').toLowerCase().replaceAll(/[^a-z]+/g, '-');
}
