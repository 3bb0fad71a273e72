import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';

/** The body of a refusal, as RFC 9457 has it; `code` is ours: stable, kebab-case, for machines. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly [extension: string]: unknown;
}

export class ProblemException extends HttpException {
  constructor(
    readonly problem: Problem,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(problem, problem.status);
  }

  /** The same refusal with response headers, or with further members of the body. */
  with(extra: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly extensions?: object;
  }): ProblemException {
    return new ProblemException(
      { ...this.problem, ...extra.extensions },
      { ...this.headers, ...extra.headers },
    );
  }
}

/** A refusal to throw from a controller. */
export function problem(status: number, code: string, detail: string): ProblemException {
  return new ProblemException(problemBody(status, code, detail));
}

export function problemBody(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail };
}

/** A problem, as OpenAPI describes it. */
export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable, for machines' },
    detail: { type: 'string', description: 'For people' },
  },
};
