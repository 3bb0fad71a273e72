import type { StreamContract } from '@reprise/contracts';
import { callsFor, parsePartitionId, partitionId } from '@reprise/kernel';
import { LogAdmin, LogScanner, StreamDecoder, type LogConnection, type ScannedRecord } from '@reprise/log';
import type pg from 'pg';
import type { EntityType } from '../entity.js';
import { commandStoreError } from '../errors.js';
import { foldRecords, type RecordPlace, type ToldRecord } from './fold-records.js';
import { inTransaction } from '../sql/in-transaction.js';
import * as sql from './replay-statements.js';

export interface LogReplayOptions {
  readonly pool: pg.Pool;
  /** Where its tables are. */
  readonly schema: string;
  readonly entities: readonly EntityType<never>[];
  readonly log: LogConnection;
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

/** How far a replay is. */
export interface ReplayProgress {
  /** `topic/partition` that is being read. */
  readonly partition: string;
  readonly recordsRead: number;
  /** Offsets of all partitions that are behind it, and that there are. */
  readonly offsetsDone: number;
  readonly offsets: number;
}

interface Source extends RecordPlace {
  readonly decoder: StreamDecoder<unknown>;
  /** Set for a history whose events are erased with their entity: name of the key's field. */
  readonly erasedKey: string | undefined;
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * Reads the streams of some entities forwards, without a group, into tables: the newest state of each entity with its
 * version, also of those that are gone. A window of the log is one transaction with the offset behind it, so a replay that
 * was interrupted goes on where it was, and memory holds one window, however long the log is.
 */
export class LogReplay {
  private readonly admin: LogAdmin;
  private readonly scanner: LogScanner;

  constructor(private readonly options: LogReplayOptions) {
    this.admin = new LogAdmin(options.log);
    this.scanner = new LogScanner(options.log);
  }

  /**
   * Reads on to the ends that the log has now. @returns false when there was nothing to read.
   * @throws CodedError `log-shorter` when a partition ends before what was read of it.
   */
  async readOn(): Promise<boolean> {
    const sources = await this.sources();
    const progress = await sql.readProgress(this.options.pool, this.options.schema);
    const from = (source: Source): bigint => {
      const reached = progress.get(source.partition)?.nextOffset ?? source.start;
      return reached > source.start ? reached : source.start;
    };
    let done = 0n;
    let recordsRead = [...progress.values()].reduce((sum, partition) => sum + partition.recordsRead, 0);
    const offsets = sources.reduce((sum, { start, end }) => sum + (end - start), 0n);
    let hasRead = false;
    for (const source of sources) {
      const at = from(source);
      if (at > source.end)
        throw commandStoreError(
          'log-shorter',
          `${source.partition} ends at ${source.end}, and was read to ${at}: begin anew`,
        );
      done += at - source.start;
      let read = progress.get(source.partition)?.recordsRead ?? 0;
      for await (const window of this.scanner.forwards({ ...source, from: at, to: source.end })) {
        hasRead = true;
        read += window.records.length;
        recordsRead += window.records.length;
        await this.take(source, window.records, { nextOffset: window.to, recordsRead: read });
        done += window.to - window.from;
        const { partition } = source;
        this.options.onProgress?.({
          ...{ partition, recordsRead, offsetsDone: Number(done), offsets: Number(offsets) },
        });
      }
    }
    return hasRead;
  }

  async stop(): Promise<void> {
    await Promise.all([this.scanner.stop(), this.admin.stop()]);
  }

  private async sources(): Promise<Source[]> {
    const sources: Source[] = [];
    for (const { contract, history } of this.options.entities) {
      for (const stream of history ? [contract, history] : [contract])
        sources.push(...(await this.partitionsOf(stream, contract.name)));
    }
    return sources;
  }

  private async partitionsOf(told: StreamContract<unknown>, stream: string): Promise<Source[]> {
    const { topic, retention, partitions, key, erasedWhenDeleted } = told;
    const erasedKey = erasedWhenDeleted === true ? key : undefined;
    const [starts, ends] = [await this.admin.startOffsets(topic), await this.admin.endOffsets([topic])];
    const decoder = StreamDecoder.whole(told, this.options.log);
    return Array.from({ length: partitions }, (_, number) => {
      const partition = partitionId({ topic, partition: number });
      const [start = 0n, end = 0n] = [starts.get(partition), ends.get(partition)];
      return { stream, partition, decoder, erasedKey, start, end, isHistory: retention === 'history' };
    });
  }

  private async take(
    source: Source,
    scanned: readonly ScannedRecord[],
    reached: sql.ReplayedPartition,
  ): Promise<void> {
    const { schema, pool } = this.options;
    const { topic } = parsePartitionId(source.partition);
    const records: ToldRecord[] = [];
    for (const record of scanned) records.push(await toldBy(record, source));
    const keys = [...new Set(records.map(({ key }) => key))];
    const met = await sql.readMet(pool, schema, { topic, keys });
    const { newest, findings, settled, unsettled } = foldRecords(records, met, source);
    const versions = new Map([...newest].map(([key, { version }]) => [key, version]));
    await inTransaction(pool, async (client) => {
      await sql.writeEntities(
        client,
        schema,
        [...newest].map(([key, entity]) => ({ stream: source.stream, key, ...entity })),
      );
      await sql.writeMet(client, schema, { topic, versions });
      await sql.writeFindings(client, schema, findings);
      if (!source.isHistory)
        await sql.writeUnsettled(client, schema, { stream: source.stream, settled, unsettled });
      await sql.writeProgress(client, schema, { partition: source.partition, ...reached });
    });
  }
}

/** @throws whatever keeps the registry from being asked. */
async function toldBy(
  { key, value, entityVersion }: ScannedRecord,
  { decoder, erasedKey }: Pick<Source, 'decoder' | 'erasedKey'>,
): Promise<ToldRecord> {
  if (value === null)
    return { key, version: entityVersion, state: null, startsAnew: erasedKey !== undefined };
  try {
    const { version, deleted, state, changed } = await decoder.decode(value);
    // Only the first event of an entity changes its key.
    const startsAnew = erasedKey !== undefined && changed.includes(erasedKey);
    return { key, version, state: deleted ? null : state, startsAnew };
  } catch (failure) {
    if (!callsFor(failure, 'set-aside')) throw failure;
    return { key, version: entityVersion, state: undefined };
  }
}
