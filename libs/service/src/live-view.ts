import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Res,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { ViewGenerations } from '@reprise/contracts';
import { CodedError, furthest, messageOf, type Metrics, type Positions } from '@reprise/kernel';
import { LogAdmin, type LogConnection } from '@reprise/log';
import { generationName } from '@reprise/view';
import type { ViewStore } from '@reprise/view-store';
import type { FastifyReply } from 'fastify';
import { OpenToAll } from './doors/access.js';
import { DoorKeeper } from './doors/door-keeper.js';
import { Health, IdleError } from './health.js';
import { LivePointer } from './live-pointer.js';
import { logConnection } from './log-connection.js';
import type { Logger } from './logger.js';
import { asksForPosition, PositionedReads, positionHeader } from './positioned-reads.js';
import { problem, type ProblemException } from './problem.js';
import { ProcessMetrics } from './process-metrics.js';
import { measureQueries } from './query-metrics.js';
import {
  otherVersion,
  servedGeneration,
  shadowGeneration,
  type ServedGeneration,
} from './served-generation.js';
import { LOGGER } from './service.js';
import type { QuerySettings } from './settings.js';
import { ShadowReads } from './shadow-reads.js';
import { ShadowStream } from './shadow-stream.js';
import { ViewDirectory } from './view-directory.js';

/** Response header that names the generation an answer comes from. */
export const generationHeader = 'Reprise-Generation';

export interface LiveViewOptions {
  readonly view: { readonly name: string; readonly version: number };
  /** Versions of the definition whose rows the service's code reads. Default: the view's own. */
  readonly reads?: readonly number[];
  readonly store: ViewStore<unknown>;
  readonly settings: QuerySettings;
}

const OPTIONS = Symbol('live view options');
const maxHoldMs = 2_000;
const maxGoneMs = 5_000;

/** What a query service answers from, beside what is live. */
export interface LiveStanding {
  /** Versions of the definition whose rows it reads. */
  readonly reads: readonly number[];
  /** The generation that it answers from, or is about to. */
  readonly serves: ServedGeneration | null;
  readonly live: number | null;
}

/** Makes the live view injectable, lets its readers in, and opens the door for reverse proxies. */
@Module({})
class LiveViewModule {
  constructor(@Inject(OPTIONS) { view }: LiveViewOptions, @Inject(DoorKeeper) keeper: DoorKeeper) {
    keeper.serve(view.name);
  }
}

/**
 * A query service's way to the live generation: follows flips, and pins each request to one generation. While one of a version
 * is live that its code cannot read, it answers from the newest that it can, if that is fed.
 */
@Injectable()
export class LiveView implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly directory: ViewDirectory;
  private readonly pointer: LivePointer;
  private readonly positioned: PositionedReads;
  private readonly admin: LogAdmin;
  private readonly reads: readonly number[];
  private readonly shadow: { readonly reads: ShadowReads; readonly stream: ShadowStream };
  private heard: (heldMs: number) => void = () => undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: LiveViewOptions,
    @Inject(Health) health: Health,
    @Inject(LOGGER) logger: Logger,
  ) {
    const { store, view, reads = [view.version] } = options;
    this.reads = reads;
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
        if (change.from !== undefined) this.heard(change.heldMs);
      },
      onTrouble: (reason) => {
        logger.warn({ reason: messageOf(reason) }, 'cannot follow the flip yet');
      },
    });
    this.positioned = this.positionedReads();
    const connection = connectionOf(options, logger);
    this.admin = new LogAdmin(connection);
    this.shadow = this.followShadow(connection, logger);
    this.directory = new ViewDirectory({
      connection,
      onChange: (changed) => {
        this.onChange(changed);
      },
      onFatal: (reason) => {
        logger.fatal({ reason: messageOf(reason) }, 'the stream of generations can no longer be followed');
        process.exit(1);
      },
    });
    health.add({
      name: 'live-generation',
      check: () => {
        this.requireServed();
      },
    });
  }

  static asModule(options: LiveViewOptions): DynamicModule {
    return {
      module: LiveViewModule,
      controllers: [LiveVersionController],
      providers: [{ provide: OPTIONS, useValue: options }, LiveView, QueryMetrics],
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
   * Answers from the generation that is served, and names it in the response. A request that names a position (it may be empty)
   * waits until that is shown, and is told the one that the answer shows. A share of the queries is asked of a generation that
   * is ready as well, once the answer is sent.
   * @throws ProblemException 503 while no generation is live, or none of a version that can be read is fed, or what was asked
   * for is not shown in time; 400 for positions that are none.
   */
  async answer<Result>(reply: FastifyReply, query: (generation: string) => Promise<Result>): Promise<Result> {
    const answered = await this.positioned.read(reply.request.headers, query, (work) =>
      this.served() ? this.pointer.read(work) : Promise.resolve(undefined),
    );
    if (!answered) throw this.notServed();
    void reply.header(generationHeader, answered.generation);
    if (asksForPosition(reply.request.headers))
      void reply.header(positionHeader, await this.positioned.boundOf(answered.generation));
    reply.raw.once('close', () => {
      void this.shadow.reads.consider({ ...answered, query, question: reply.request.url });
    });
    return answered.result;
  }

  standing(): LiveStanding {
    return { reads: this.reads, serves: this.served() ?? null, live: this.known()?.live ?? null };
  }

  /** From now on says in numbers what it does. */
  measure(metrics: Metrics): void {
    const { positioned, options } = this;
    const { observeHold } = measureQueries(metrics, {
      view: options.view.name,
      standing: () => this.standing(),
      positioned,
      shadow: this.shadow.reads,
    });
    this.heard = observeHold;
  }

  private positionedReads(): PositionedReads {
    const { store, settings } = this.options;
    const positions = (generation: string) => orMissing(() => store.generation(generation).positions());
    return new PositionedReads({
      positions,
      // Of joined streams, what every row shows: how much more a single one does, no store tells.
      mayShow: async (generation) => {
        const bound = orMissing(() => store.generation(generation).mayShow());
        const [shown, bounded] = await Promise.all([positions(generation), bound]);
        return furthest(shown ?? new Map(), bounded ?? new Map());
      },
      generation: () => this.pointer.generation,
      topics: () => this.known()?.sourceTopics ?? [],
      maxWaitMs: settings.REPRISE_POSITION_WAIT_MS,
      maxWaiting: settings.REPRISE_POSITION_WAITERS,
      pause,
      nowMs: () => performance.now(),
    });
  }

  private followShadow(connection: LogConnection, logger: Logger) {
    const { view, store, settings } = this.options;
    const reads = new ShadowReads({
      share: settings.REPRISE_SHADOW_SHARE,
      random: Math.random,
      pause,
      clock: { nowMs: () => Date.now() },
      shadow: () => {
        const known = this.known();
        return known && shadowGeneration(known, this.reads);
      },
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

  private known(): ViewGenerations | undefined {
    return this.directory.view(this.options.view.name);
  }

  private served(): ServedGeneration | undefined {
    const known = this.known();
    return known && servedGeneration(known, this.reads);
  }

  private onChange({ view }: ViewGenerations): void {
    if (view !== this.options.view.name) return;
    const served = this.served();
    // With nothing to go to, a switch that is under way is given up.
    const wanted = served ? generationName(view, served.number) : this.pointer.generation;
    if (wanted !== undefined) this.pointer.want(wanted);
  }

  /** Of what the store does not bound (joined streams, or all of them; a generation that is gone), rows may show up to the log's end. */
  private async mayShow(generation: string): Promise<Positions> {
    const [ends, bounded] = await Promise.all([
      this.admin.endOffsets(this.known()?.sourceTopics ?? []),
      orMissing(() => this.options.store.generation(generation).mayShow()),
    ]);
    return new Map([...ends, ...(bounded ?? [])]);
  }

  private requireServed(): void {
    if (this.served()) return;
    const reason = this.otherVersion();
    throw reason === undefined ? new Error('no generation is live yet') : new IdleError(reason);
  }

  private otherVersion(): string | undefined {
    const known = this.known();
    return known && otherVersion(known, this.reads);
  }

  private notServed(): ProblemException {
    const reason = this.otherVersion();
    const refusal =
      reason === undefined
        ? problem(
            503,
            'no-live-generation',
            `View ${this.options.view.name} has no live generation yet. Try again.`,
          )
        : problem(503, 'version-not-served', reason);
    return refusal.with({ headers: { 'retry-after': '1' } });
  }
}

/**
 * For a reverse proxy in front of services of several versions: 200 from those that answer from the live generation or are
 * going over to it, 503 from those that cannot read it.
 */
@ApiExcludeController()
@Controller('health')
class LiveVersionController {
  constructor(@Inject(LiveView) private readonly live: LiveView) {}

  @Get('live-version')
  @OpenToAll()
  async liveVersion(@Res() reply: FastifyReply): Promise<void> {
    const standing = this.live.standing();
    await reply.status(standing.serves?.isLive === true ? 200 : 503).send(standing);
  }
}

/** Has the live view measured. */
@Injectable()
class QueryMetrics {
  constructor(@Inject(LiveView) live: LiveView, @Inject(ProcessMetrics) metrics: ProcessMetrics) {
    live.measure(metrics);
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function connectionOf({ view, settings }: LiveViewOptions, logger: Logger): LogConnection {
  return {
    ...logConnection(settings, `reprise-query-${view.name}`),
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
