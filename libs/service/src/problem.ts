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
}

/** A refusal to throw from a controller. `extra` joins the body; its `headers` entry, if any, becomes response headers. */
export function problem(
  status: number,
  code: string,
  detail: string,
  extra: { readonly headers?: Readonly<Record<string, string>>; readonly [extension: string]: unknown } = {},
): ProblemException {
  const { headers, ...extensions } = extra;
  return new ProblemException(problemBody(status, code, detail, extensions), headers);
}

export function problemBody(
  status: number,
  code: string,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, ...extensions };
}
