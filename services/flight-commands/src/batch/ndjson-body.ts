import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

export const ndjson = 'application/x-ndjson';

/** Injection token of the {@link BatchLimits}. */
export const BATCH_LIMITS = Symbol('batch limits');

export interface BatchLimits {
  /** From the next line on nothing is done. */
  readonly maxLines: number;
}

/** Lets requests of commands by the line reach their controller as a stream, and tells these to end when the process does. */
@Injectable()
export class NdjsonBody implements OnModuleInit, BeforeApplicationShutdown {
  private stopping = false;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(BATCH_LIMITS) readonly limits: BatchLimits,
  ) {}

  /** True once the process was told to stop: a batch ends after the chunk in flight, or it could hold the process up for ever. */
  get isStopping(): boolean {
    return this.stopping;
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addContentTypeParser(ndjson, (_request, body, done) => {
      done(null, body);
    });
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }
}
