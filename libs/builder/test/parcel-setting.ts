import type { Envelope, StreamContract } from '@reprise/contracts';
import { LogProducer, provisionStreams, StreamEncoder, type LogConnection } from '@reprise/log';
import { testConnections, uniqueName } from '@reprise/testing';
import { consumerGroup, defineView, generationName, row, share, type AnyView } from '@reprise/view';
import { LogAdmin } from '@reprise/log';
import { formatPositions, hasReached, type Positions } from '@reprise/kernel';
import type { GenerationStore, ViewStore } from '@reprise/view-store';
import { GenerationRunner } from '../src/generation-runner.js';
import { Letters, type LetterBook } from '../src/letters/letter-book.js';
import { nothingJoined } from '../src/references/reference-table.js';

export interface Parcel {
  readonly id: string;
  readonly weightGrams: number;
}

export interface ParcelRow {
  readonly weightGrams: number;
}

export const parcelGroups = { columns: { heavy: 'text' }, measures: ['parcels', 'grams'] } as const;

/** @throws TypeError when it is not a row of the parcels' view. */
export function parseParcelRow(stored: unknown): ParcelRow {
  if (
    typeof stored === 'object' &&
    stored !== null &&
    'weightGrams' in stored &&
    typeof stored.weightGrams === 'number'
  )
    return { weightGrams: stored.weightGrams };
  throw new TypeError(`not a row: ${JSON.stringify(stored)}`);
}

export function parcelStream(partitions = 3): StreamContract<Parcel> {
  const topic = uniqueName('parcel');
  const state = {
    type: 'record',
    name: 'Parcel',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'weightGrams', type: 'int' },
    ],
  };
  return {
    name: topic.replaceAll('_', '-'),
    topic,
    subject: `${topic}-value`,
    partitions,
    retention: 'compacted',
    settings: { 'cleanup.policy': 'compact' },
    schema: {
      type: 'record',
      name: 'ParcelEvent',
      namespace: topic,
      fields: [
        { name: 'event', type: 'string' },
        { name: 'version', type: 'long' },
        { name: 'occurredAt', type: 'long' },
        { name: 'changed', type: { type: 'array', items: 'string' }, default: [] },
        { name: 'deleted', type: 'boolean', default: false },
        { name: 'state', type: state },
      ],
    },
  };
}

export function parcelView(
  source: StreamContract<Parcel>,
  { groups }: { groups: boolean },
): AnyView<ParcelRow> {
  return defineView({
    // Of its stream's own name, so that suites that run at the same time are in different consumer groups.
    name: source.name,
    version: 1,
    source,
    fields: ['id', 'weightGrams'],
    project: ({ id, weightGrams }) => [
      row<ParcelRow>(id, { weightGrams }),
      ...(groups
        ? [
            share(
              { heavy: weightGrams > 50 ? 'yes' : 'no' },
              { parcels: 1, grams: weightGrams },
              { grams: weightGrams },
            ),
          ]
        : []),
    ],
  });
}

/** `null`: a tombstone. Bytes: as they are. */
export type Told = readonly [key: string, version: number, content: number | null | Buffer];

/** A stream of parcels on the real log. */
export class ParcelLog {
  readonly connection: LogConnection;
  private readonly producer: LogProducer;
  private readonly admin: LogAdmin;

  constructor(readonly stream: StreamContract<Parcel>) {
    const { kafkaBrokers, registryUrl } = testConnections();
    this.connection = { brokers: kafkaBrokers, registryUrl, clientId: 'builder-test' };
    this.producer = new LogProducer(this.connection);
    this.admin = new LogAdmin(this.connection);
  }

  async provision(): Promise<void> {
    await provisionStreams({ parcels: this.stream }, this.connection);
  }

  async append(records: readonly Told[]): Promise<void> {
    const encoder = await StreamEncoder.open(this.stream, this.connection);
    const value = (key: string, version: number, content: Told[2]): Buffer | null => {
      if (content === null || typeof content !== 'number') return content;
      const state = { id: key, weightGrams: content };
      const envelope: Envelope<Parcel> = {
        event: 'Weighed',
        version,
        occurredAt: 0,
        changed: [],
        deleted: false,
        state,
      };
      return encoder.encode(envelope);
    };
    await this.producer.append(
      records.map(([key, version, content]) => ({
        topic: this.stream.topic,
        key,
        value: value(key, version, content),
        headers: { ce_entityversion: String(version) },
      })),
    );
  }

  ends(): Promise<Positions> {
    return this.admin.endOffsets([this.stream.topic]);
  }

  async forget(number: number): Promise<void> {
    await this.admin.deleteGroup(consumerGroup(this.stream.name, number));
  }

  async stop(): Promise<void> {
    await Promise.all([this.producer.stop(), this.admin.stop()]);
  }
}

/** Letters in memory. */
export function lettersInMemory(): LetterBook & { readonly all: Letters } {
  const all = new Letters();
  return {
    all,
    caughtUp: () => Promise.resolve(),
    find: (id) => all.find(id),
    hasAny: () => all.hasAny(),
    lettersOf: (partition, key) => all.lettersOf(partition, key),
    unclosedOf: (partition, key) => all.unclosedOf(partition, key),
    unclosedIn: (partition) => all.unclosedIn(partition),
    requestFor: () => undefined,
    put: (letters) => {
      for (const letter of letters) all.take(letter);
      return Promise.resolve();
    },
    erase: (letters) => {
      for (const { letterId } of letters) all.forget(letterId);
      return Promise.resolve();
    },
  };
}

export interface Built {
  readonly generation: GenerationStore<ParcelRow>;
  readonly runner: GenerationRunner<ParcelRow>;
  readonly letters: ReturnType<typeof lettersInMemory>;
}

/** Starts a builder's runner of one generation. */
export async function build(
  log: ParcelLog,
  view: AnyView<ParcelRow>,
  {
    store,
    number,
    generation: wrapped,
    heldStill = () => undefined,
  }: {
    store: ViewStore<ParcelRow>;
    number: number;
    generation?: GenerationStore<ParcelRow>;
    heldStill?: () => Positions | undefined;
  },
): Promise<Built> {
  const generation = wrapped ?? store.generation(generationName(uniqueName('parcels'), number));
  const letters = lettersInMemory();
  const runner = new GenerationRunner({
    view,
    number,
    store: generation,
    connection: log.connection,
    joined: nothingJoined,
    letters,
    clock: { nowMs: () => Date.now() },
    heldStill,
    onStep: () => undefined,
    isFed: () => Promise.resolve(true),
    onFatal: (reason) => {
      throw reason;
    },
  });
  await runner.start();
  return { generation, runner, letters };
}

/**
 * Resolves when readers see everything that the log holds now.
 * @throws Error after a minute, with what they see and what they should.
 */
export async function caughtUp(log: ParcelLog, { generation }: Pick<Built, 'generation'>): Promise<void> {
  const ends = await log.ends();
  await within(async () => {
    await generation.settle();
    const seen = await generation.positions();
    return hasReached(seen, ends) || `readers see ${formatPositions(seen)} of ${formatPositions(ends)}`;
  });
}

const mostMs = 60_000;

/**
 * Asks until the answer is true.
 * @throws Error after a minute, with the last answer.
 */
export async function within(ask: () => Promise<true | string>): Promise<void> {
  const untilMs = performance.now() + mostMs;
  for (;;) {
    const answer = await ask();
    if (answer === true) return;
    if (performance.now() > untilMs) throw new Error(`still waiting after ${mostMs / 1_000} s: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Rows by their keys. */
export async function rowsOf(generation: GenerationStore<ParcelRow>): Promise<Record<string, number>> {
  await generation.settle();
  const rows: Record<string, number> = {};
  for await (const item of generation.contents())
    if (item.kind === 'row') rows[item.key] = item.row.weightGrams;
  return rows;
}
