import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { ViewGenerations } from '@reprise/contracts';
import { CodedError, messageOf, type Positions } from '@reprise/kernel';
import { LogAdmin, type LogConnection } from '@reprise/log';
import { generationName } from '@reprise/view';
import type { ViewStore } from '@reprise/view-store';
import type { FastifyReply } from 'fastify';
import { Health } from './health.js';
import { LivePointer } from './live-pointer.js';
import type { Logger } from './logger.js';
import { problem } from './problem.js';
import { LOGGER } from './service.js';
import type { QuerySettings } from './settings.js';
import { ShadowReads } from './shadow-reads.js';
import { ShadowStream } from './shadow-stream.js';
import { ViewDirectory } from './view-directory.js';

/** Response header that names the generation an answer comes from. */
export const generationHeader = 'Reprise-Generation';

export interface LiveViewOptions {
  readonly view: { readonly name: string };
  readonly store: ViewStore<unknown>;
  readonly settings: QuerySettings;
}

const OPTIONS = Symbol('live view options');
const maxHoldMs = 2_000;
const maxGoneMs = 5_000;

/** Makes the live view injectable. */
@Module({})
class LiveViewModule {}

/** A query service's way to the live generation: follows flips, and pins each request to one generation. */
@Injectable()
export class LiveView implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly directory: ViewDirectory;
  private readonly pointer: LivePointer;
  private readonly admin: LogAdmin;
  private readonly shadow: { readonly reads: ShadowReads; readonly stream: ShadowStream };

  constructor(
    @Inject(OPTIONS) private readonly options: LiveViewOptions,
    @Inject(Health) health: Health,
    @Inject(LOGGER) logger: Logger,
  ) {
    const { store } = options;
    this.pointer = new LivePointer({
      source: {
        positions: (generation) => orMissing(() => store.generation(generation).positions()),
        settled: (generation) => orMissing(() => store.generation(generation).settle()),
        mayShow: (generation) => this.mayShow(generation),
      },
      pause,
      nowMs: () => performance.now(),
      maxHoldMs,
      isGone: isMissing,
      maxGoneMs,
      onSwitch: (change) => {
        logger.info(change, 'serving another generation');
      },
      onTrouble: (reason) => {
        logger.warn({ reason: messageOf(reason) }, 'cannot follow the flip yet');
      },
    });
    const connection = connectionOf(options, logger);
    this.admin = new LogAdmin(connection);
    this.shadow = this.followShadow(connection, logger);
    this.directory = new ViewDirectory({
      connection,
      onChange: (view) => {
        this.onChange(view);
      },
      onFatal: (reason) => {
        logger.fatal({ reason: messageOf(reason) }, 'the stream of generations can no longer be followed');
        process.exit(1);
      },
    });
    health.add({
      name: 'live-generation',
      check: () => {
        this.requireLive();
      },
    });
  }

  static asModule(options: LiveViewOptions): DynamicModule {
    return {
      module: LiveViewModule,
      providers: [{ provide: OPTIONS, useValue: options }, LiveView],
      exports: [LiveView],
    };
  }

  onApplicationBootstrap(): Promise<void> {
    return this.directory.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.pointer.stop();
    this.shadow.reads.stop();
    await this.shadow.stream.stop();
    await this.directory.stop();
    await this.admin.stop();
    await this.options.store.stop();
  }

  /**
   * Answers from the live generation and names it in the response. A share of the queries is asked of a generation that is
   * ready as well, once the answer is sent.
   * @throws ProblemException 503 while no generation is live.
   */
  async answer<Result>(reply: FastifyReply, query: (generation: string) => Promise<Result>): Promise<Result> {
    const answered = await this.pointer.read(query);
    if (!answered) throw this.notBuilt();
    void reply.header(generationHeader, answered.generation);
    reply.raw.once('close', () => {
      void this.shadow.reads.consider({ ...answered, query, question: reply.request.url });
    });
    return answered.result;
  }

  private followShadow(connection: LogConnection, logger: Logger) {
    const { view, store, settings } = this.options;
    const reads = new ShadowReads({
      share: settings.REPRISE_SHADOW_SHARE,
      random: Math.random,
      pause,
      clock: { nowMs: () => Date.now() },
      shadow: () => newestReady(this.directory.view(view.name)),
      nameOf: (generation) => generationName(view.name, generation),
      positions: (generation) => store.generation(generation).positions(),
      onChange: (generation) => {
        stream.note(generation);
      },
    });
    const counts = (generation: number) => reads.counts(generation);
    const stream = new ShadowStream({ view: view.name, connection, logger, counts });
    return { reads, stream };
  }

  private onChange({ view, live }: ViewGenerations): void {
    if (view === this.options.view.name && live !== null) this.pointer.want(generationName(view, live));
  }

  /** Of what the store does not bound (joined streams, or all of them; a generation that is gone), rows may show up to the log's end. */
  private async mayShow(generation: string): Promise<Positions> {
    const ends = await this.admin.endOffsets(this.directory.view(this.options.view.name)?.sourceTopics ?? []);
    const bounded = await orMissing(() => this.options.store.generation(generation).mayShow());
    return new Map([...ends, ...(bounded ?? [])]);
  }

  private requireLive(): void {
    if (this.pointer.generation === undefined) throw new Error('no generation is live yet');
  }

  private notBuilt() {
    return problem(
      503,
      'no-live-generation',
      `View ${this.options.view.name} has no live generation yet. Try again.`,
    ).with({
      headers: { 'retry-after': '1' },
    });
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/** The number of the newest generation that may be flipped to and never was. */
function newestReady(view: ViewGenerations | undefined): number | undefined {
  return view?.generations.findLast(({ status }) => status === 'ready')?.number;
}

function connectionOf({ view, settings }: LiveViewOptions, logger: Logger): LogConnection {
  return {
    brokers: settings.REPRISE_KAFKA_BROKERS,
    registryUrl: settings.REPRISE_REGISTRY_URL,
    clientId: `reprise-query-${view.name}`,
    onAway: (reason: string) => {
      logger.warn({ reason }, 'waiting');
    },
    onWarning: (message: string, details: object) => {
      logger.debug(details, message);
    },
  };
}

function isMissing(failure: unknown): boolean {
  return failure instanceof CodedError && failure.code === 'generation-missing';
}

/** Undefined when the generation is gone. */
async function orMissing<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (failure) {
    if (isMissing(failure)) return undefined;
    throw failure;
  }
}
