import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import { withoutSecrets } from './secrets.js';
import { currentTrace } from './trace-context.js';

export type { Logger };

/**
 * Structured lines, on standard output unless told otherwise, without the secrets of this process's settings; those that come
 * of a request name its trace.
 */
export function createLogger(
  name: string,
  level: string,
  destination: DestinationStream = pino.destination(1),
): Logger {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    mixin: currentTrace,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: told },
    hooks: { streamWrite: withoutSecrets },
  };
  return pino(options, destination);
}

/** What a failure tells. Clients put more on theirs: requests with their headers, commands with their arguments. */
function told(failure: unknown): unknown {
  if (!(failure instanceof Error)) return failure;
  const { name, message, stack, cause } = failure;
  return {
    ...{ type: name, message, stack },
    ...('code' in failure && { code: failure.code }),
    ...(cause !== undefined && { cause: told(cause) }),
  };
}

/** Nest's own lines, through ours; its start-up chatter is debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }

  error(message: unknown, stack?: unknown): void {
    this.logger.error({ stack }, String(message));
  }
}
