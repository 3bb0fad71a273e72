import { randomUUID } from 'node:crypto';
import {
  eventHeaders,
  type DeadLetter,
  type Envelope,
  type Provenance,
  type RedriveRequest,
  type StreamContract,
} from '@reprise/contracts';
import type { Clock } from '@reprise/kernel';
import { LogProducer, StreamEncoder, StreamTail, type LogConnection } from '@reprise/log';
import { HeldLetters, isUnclosed, type HeldLetter } from './held-letters.js';

export interface DeadLetterDeskOptions {
  readonly letters: StreamContract<DeadLetter>;
  readonly requests: StreamContract<RedriveRequest>;
  readonly connection: LogConnection;
  readonly clock: Clock;
  readonly onUndecodable: (reason: string) => void;
  readonly onFatal: (reason: unknown) => void;
}

export interface LetterOrder {
  readonly action: 'redrive' | 'discard';
  readonly letters: readonly HeldLetter[];
  /** Why they are discarded. */
  readonly reason: string | null;
  readonly asker: Provenance;
  /** How long to wait for what becomes of them. */
  readonly waitMs: number;
}

/** pending: no builder has carried it out yet; it will as soon as one runs. */
export type LetterResult = 'redriven' | 'discarded' | 'failed' | 'refused' | 'pending';

export interface LetterAnswer {
  readonly letter: HeldLetter;
  readonly result: LetterResult;
}

/**
 * Takes what operators ask about dead letters and hands it, over the stream of redrives, to the builders that own them:
 * only they write to their view, and only they write letters.
 */
export class DeadLetterDesk {
  readonly held = new HeldLetters();
  private readonly tail: StreamTail<DeadLetter>;
  private readonly producer: LogProducer;
  private encoder: StreamEncoder<RedriveRequest> | undefined;

  constructor(private readonly options: DeadLetterDeskOptions) {
    const { letters, connection, onUndecodable, onFatal } = options;
    this.producer = new LogProducer(connection);
    this.tail = new StreamTail({
      contract: letters,
      connection,
      onRecord: (record) => {
        this.held.take(record);
      },
      onUndecodable,
      onFatal,
    });
  }

  /** Resolves when every letter so far is known. */
  async start(): Promise<void> {
    this.encoder = await StreamEncoder.open(this.options.requests, this.options.connection);
    await this.tail.start();
  }

  async stop(): Promise<void> {
    await this.tail.stop();
    await this.producer.stop();
  }

  async order(order: LetterOrder): Promise<readonly LetterAnswer[]> {
    const { letters, waitMs } = order;
    const requests = new Map(letters.map(({ letterId }) => [letterId, randomUUID()]));
    await this.append(order, requests);
    const isDone = (letterId: string): boolean => {
      const now = this.held.find(letterId);
      return !now || !isUnclosed(now) || now.handledRequest === requests.get(letterId);
    };
    await this.held.until(() => letters.every(({ letterId }) => isDone(letterId)), waitMs);
    return letters.map((letter) => {
      const now = this.held.find(letter.letterId) ?? letter;
      return { letter: now, result: isDone(letter.letterId) ? resultOf(now) : 'pending' };
    });
  }

  private async append(
    { action, letters, reason, asker }: LetterOrder,
    ids: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { encoder } = this;
    if (!encoder) return;
    const { requests, clock } = this.options;
    const requestedAt = clock.nowMs();
    await this.producer.append(
      letters.map(({ letterId, view, generation }) => {
        const requestId = ids.get(letterId) ?? randomUUID();
        const { actor } = asker;
        const state = { requestId, letterId, view, generation, action, reason, requestedAt, actor };
        // Requests replace each other by their place in the stream: the last one counts.
        const envelope: Envelope<RedriveRequest> = {
          event: action === 'redrive' ? 'RedriveRequested' : 'DiscardRequested',
          version: requestedAt,
          occurredAt: requestedAt,
          changed: [],
          deleted: false,
          state,
        };
        const headers = eventHeaders(requests, envelope, {
          id: requestId,
          source: '/control-plane',
          key: letterId,
          provenance: asker,
        });
        return { topic: requests.topic, key: letterId, headers, value: encoder.encode(envelope) };
      }),
    );
  }
}

function resultOf({ status }: HeldLetter): LetterResult {
  switch (status) {
    case 'redriven':
      return 'redriven';
    case 'discarded':
      return 'discarded';
    case 'superseded':
      return 'refused';
  }
  return 'failed';
}
