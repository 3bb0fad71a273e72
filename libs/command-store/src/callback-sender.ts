import { messageOf, noMetrics, type Counter, type Metrics } from '@reprise/kernel';
import pg from 'pg';
import { callbackHeader, signatureOf } from './callback-signature.js';
import type { Operation } from './operation.js';
import * as sql from './sql/callbacks.js';

export interface CallbackSenderOptions {
  readonly connectionString: string;
  /** Shared with the receivers. */
  readonly secret: string;
  /** Asked again before each attempt: what is allowed may have changed since the command came. */
  readonly isAllowed: (url: string) => boolean;
  /** The operation as it is now. */
  readonly read: (id: string) => Promise<Operation | undefined>;
  /** What the receiver is told, as JSON. */
  readonly reportOf: (operation: Operation) => unknown;
  /** Told of rounds that could not be made; the next one makes up for it. */
  readonly onTrouble?: (reason: string) => void;
  /** How often due callbacks are looked for. Default 500. */
  readonly pollMs?: number;
  /** Before the second attempt; doubled each time up to five minutes. Default 1,000. */
  readonly firstBackoffMs?: number;
  /** Then it is given up. Default 15: about 40 minutes. */
  readonly maxAttempts?: number;
  readonly metrics?: Metrics;
}

const atOnce = 10;
const answerLimitMs = 10_000;
/** Longer than an attempt takes. */
const leaseMs = 60_000;
const longestBackoffMs = 5 * 60_000;

/**
 * Tells who asked for it that an operation is published: at least once, each time with the operation's id. A callback is a
 * row that was written with its command; a sender takes some for a minute, so that none is lost with a process that dies.
 * Redirects are not followed: they could lead anywhere.
 */
export class CallbackSender {
  private readonly pool: pg.Pool;
  private running: Promise<void> | undefined;
  private stopped = false;
  private readonly outcomes: Counter<'outcome'>;
  private wakeUp: () => void = () => undefined;

  constructor(private readonly options: CallbackSenderOptions) {
    this.outcomes = (options.metrics ?? noMetrics).counter({
      name: 'reprise_callbacks_total',
      help: 'Attempts to call back: delivered, failed (and made again later) or given-up',
      labels: ['outcome'],
    });
    this.pool = new pg.Pool({ connectionString: options.connectionString, max: 2 });
    // A connection that breaks while idle is replaced at its next use.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  start(): Promise<void> {
    this.running = this.run();
    return Promise.resolve();
  }

  /** Attempts in flight are finished. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wakeUp();
    await this.running;
    await this.pool.end();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const taken = await this.round();
      if (taken < atOnce) await this.pause(this.options.pollMs ?? 500);
    }
  }

  /** How many were taken. */
  private async round(): Promise<number> {
    try {
      const due = await sql.takeDueCallbacks(this.pool, { limit: atOnce, leaseMs });
      const attempts = await Promise.allSettled(due.map((callback) => this.attempt(callback)));
      for (const attempt of attempts) if (attempt.status === 'rejected') throw attempt.reason;
      return due.length;
    } catch (failure) {
      this.options.onTrouble?.(messageOf(failure));
      return 0;
    }
  }

  private async attempt({ operationId, url, attempts }: sql.DueCallback): Promise<void> {
    const operation = await this.options.read(operationId);
    if (operation?.state !== 'published') {
      // Its place in the log is not known yet: the broker is away.
      await sql.postponeCallback(this.pool, { operationId, againInMs: this.backoffMs(0) });
      return;
    }
    try {
      await this.deliver(url, operation);
    } catch (failure) {
      const isLast = attempts + 1 >= (this.options.maxAttempts ?? 15) || !this.options.isAllowed(url);
      const againInMs = isLast ? undefined : this.backoffMs(attempts);
      await sql.failCallback(this.pool, { operationId, reason: messageOf(failure), againInMs });
      this.outcomes.add({ outcome: isLast ? 'given-up' : 'failed' });
      return;
    }
    await sql.markDelivered(this.pool, operationId);
    this.outcomes.add({ outcome: 'delivered' });
  }

  private async deliver(url: string, operation: Operation): Promise<void> {
    const { isAllowed, reportOf, secret } = this.options;
    if (!isAllowed(url)) throw new Error('this address may not be called any more');
    const body = JSON.stringify(reportOf(operation));
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(answerLimitMs),
      headers: {
        'content-type': 'application/json',
        [callbackHeader.id]: operation.id,
        [callbackHeader.timestamp]: timestamp,
        [callbackHeader.signature]: signatureOf(secret, timestamp, body),
      },
      body,
    });
    // What it says besides is of no interest, and may be endless.
    await response.body?.cancel();
    if (!response.ok) throw new Error(`answered ${response.status}`);
  }

  /** A random part of it, so that many that failed together do not come back together. */
  private backoffMs(attempts: number): number {
    const longest = Math.min((this.options.firstBackoffMs ?? 1_000) * 2 ** attempts, longestBackoffMs);
    return longest * (0.5 + Math.random() / 2);
  }

  private pause(durationMs: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
