import { CodedError, messageOf, parsePartitionId, type Positions } from '@reprise/kernel';
import {
  PartitionReader,
  StreamDecoder,
  type ChunkOutcome,
  type LogConnection,
  type ReadRecord,
  type RecordChunk,
} from '@reprise/log';
import {
  consumerGroup,
  generationName,
  newestPerEntity,
  planChanges,
  type AnyView,
  type Contribution,
  type EntityRecord,
} from '@reprise/view';
import type { Claim, GenerationStore } from '@reprise/view-store';

/** A record that can be neither decoded nor projected. */
export interface PoisonRecord {
  readonly partition: string;
  readonly offset: bigint;
  readonly key: string;
  readonly reason: string;
}

export interface GenerationRunnerOptions<Row> {
  readonly view: AnyView<Row>;
  readonly number: number;
  readonly store: GenerationStore<Row>;
  readonly connection: LogConnection;
  readonly onPoison: (record: PoisonRecord) => void;
  readonly onFatal: (reason: unknown) => void;
}

/** What a runner has done so far, in this process. */
export interface GenerationProgress {
  readonly recordsRead: number;
  /** The partitions that this process owns. */
  readonly partitions: readonly string[];
  /** What readers see; undefined before the first settle. */
  readonly visible: Positions | undefined;
  readonly problem: string | undefined;
}

const maxChunkRecords = 2_000;
const settleMs = 250;

/**
 * Feeds one generation: reads its partitions, decodes the declared fields, projects, applies. States: `stopped` →
 * `running` → `stopped`. Batches of one partition follow one another; partitions go side by side.
 */
export class GenerationRunner<Row> {
  private readonly reader: PartitionReader;
  private readonly decoder: StreamDecoder<unknown>;
  private readonly claims = new Map<string, Claim>();
  private owned: readonly string[] = [];
  private recordsRead = 0;
  private visible: Positions | undefined;
  private problem: string | undefined;
  private unsettled = true;
  private sealed = false;
  private settling: NodeJS.Timeout | undefined;
  private settled: Promise<void> = Promise.resolve();

  constructor(private readonly options: GenerationRunnerOptions<Row>) {
    const { view, number, connection, onFatal } = options;
    this.decoder = StreamDecoder.fields(view.source, connection, view.fields);
    this.reader = new PartitionReader({
      connection,
      groupId: consumerGroup(view.name, number),
      topics: [view.source.topic],
      handler: {
        claim: (partition) => this.claim(partition),
        apply: (chunk) => this.apply(chunk),
        assigned: (partitions) => {
          this.owned = partitions;
        },
        troubled: (reason) => {
          this.problem = reason;
        },
      },
      maxChunkRecords,
      concurrency: 3,
      onFatal,
    });
  }

  get name(): string {
    return generationName(this.options.view.name, this.options.number);
  }

  async start(): Promise<void> {
    await this.options.store.open();
    await this.reader.start();
    this.scheduleSettle();
  }

  /** The bulk of the load is over: builds what readers need. Does nothing the second time. */
  async seal(): Promise<void> {
    if (this.sealed) return;
    await this.options.store.seal();
    this.sealed = true;
  }

  /** Finishes the chunks in hand, and shows readers all that was applied. */
  async stop(): Promise<void> {
    await this.reader.stop();
    clearTimeout(this.settling);
    await this.settled;
    await this.settle();
  }

  progress(): GenerationProgress {
    const { recordsRead, owned, visible, problem } = this;
    return { recordsRead, partitions: owned, visible, problem };
  }

  private async claim(partition: string): Promise<bigint> {
    const claim = await this.options.store.claim(partition);
    this.claims.set(partition, claim);
    return claim.nextOffset;
  }

  private async apply(chunk: RecordChunk): Promise<ChunkOutcome> {
    const claim = this.claims.get(chunk.partition);
    if (!claim) return 'fenced';
    const { store } = this.options;
    const newest = newestPerEntity(await this.decodeAll(chunk));
    const prior = await store.contributed([...newest.keys()]);
    const { sound, project } = this.projectAll(newest, chunk);
    const { contributed, changes } = planChanges({ project }, sound, prior);
    const outcome = await store.apply({
      claim,
      expectedOffset: claim.nextOffset,
      nextOffset: chunk.nextOffset,
      contributed,
      changes,
    });
    if (outcome === 'applied') this.claims.set(chunk.partition, { ...claim, nextOffset: chunk.nextOffset });
    else this.claims.delete(chunk.partition);
    this.recordsRead += chunk.records.length;
    this.unsettled = true;
    return outcome;
  }

  /** Projects each entity once. One that cannot be is set aside, and stops neither its partition nor its neighbours. */
  private projectAll(newest: ReadonlyMap<string, EntityRecord>, { partition, nextOffset }: RecordChunk) {
    const sound = new Map<string, EntityRecord>();
    const projected = new Map<unknown, readonly Contribution<Row>[]>();
    for (const [key, record] of newest) {
      try {
        if (record.state !== null) projected.set(record.state, this.options.view.project(record.state));
        sound.set(key, record);
      } catch (failure) {
        this.options.onPoison({
          partition,
          offset: nextOffset - 1n,
          key,
          reason: `it cannot be projected: ${messageOf(failure)}`,
        });
      }
    }
    return { sound, project: (state: unknown) => projected.get(state) ?? [] };
  }

  private async decodeAll({ partition, records }: RecordChunk): Promise<EntityRecord[]> {
    const decoded: EntityRecord[] = [];
    for (const record of records) {
      try {
        decoded.push(await this.decode(record));
      } catch (failure) {
        if (!(failure instanceof CodedError) || failure.decision !== 'set-aside') throw failure;
        this.options.onPoison({
          partition,
          offset: record.offset,
          key: record.key,
          reason: messageOf(failure),
        });
      }
    }
    return decoded;
  }

  private async decode({ key, value, entityVersion }: ReadRecord): Promise<EntityRecord> {
    if (value === null) return { key, version: entityVersion, state: null };
    const { version, deleted, state } = await this.decoder.decode(value);
    return { key, version, state: deleted ? null : state };
  }

  private scheduleSettle(): void {
    this.settling = setTimeout(() => {
      this.settled = this.settle().finally(() => {
        this.scheduleSettle();
      });
    }, settleMs);
  }

  /** A store that is away is found by the next batch, which waits for it; here it only means: not visible yet. */
  private async settle(): Promise<void> {
    if (!this.unsettled) return;
    this.unsettled = false;
    try {
      this.visible = await this.options.store.settle();
    } catch (failure) {
      this.unsettled = true;
      this.problem = messageOf(failure);
    }
  }
}

/** The topic of each partition id, once. */
export function topicsOf(partitions: readonly string[]): string[] {
  return [...new Set(partitions.map((id) => parsePartitionId(id).topic))];
}
