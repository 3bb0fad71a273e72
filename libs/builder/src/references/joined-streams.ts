import type { StreamContract } from '@reprise/contracts';
import type { Positions } from '@reprise/kernel';
import { StreamTail, type LogConnection, type ReadRecord, type TailRecord } from '@reprise/log';
import { referenceId, referenceStreams, type AnyView } from '@reprise/view';
import type { TakenReference } from '../letters/reference-letters.js';
import { ReferenceTable, type JoinedStreams } from './reference-table.js';

export interface Undecodable {
  readonly reason: string;
  readonly record: ReadRecord & { readonly partition: string };
}

export interface FollowedStreamsOptions {
  readonly view: Pick<AnyView<unknown>, 'references'>;
  readonly connection: LogConnection;
  /** Something in the table changed, or its positions moved. */
  readonly onAdvance: () => void;
  /** A record that cannot be decoded: its entity stays what it was. */
  readonly onUndecodable: (reason: string, record: ReadRecord & { readonly partition: string }) => void;
  /** A record was taken: whatever was set aside of its entity before is superseded. */
  readonly onTaken: (record: TakenReference) => void;
  readonly onFatal: (reason: unknown) => void;
}

/** The streams that a view joins, followed from their beginning into a {@link ReferenceTable}. */
export class FollowedStreams implements JoinedStreams {
  private readonly table = new ReferenceTable();
  private readonly poison = new Map<string, Undecodable>();
  private readonly tails: readonly StreamTail<unknown>[];

  constructor(private readonly options: FollowedStreamsOptions) {
    this.tails = referenceStreams(options.view).map(({ source, fields }) => this.follow(source, fields));
  }

  /** Resolves when all that the log held at the call is in the table. */
  async start(): Promise<void> {
    await Promise.all(this.tails.map((tail) => tail.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.tails.map((tail) => tail.stop()));
  }

  lookUp(stream: string, key: string): unknown {
    return this.table.lookUp(stream, key);
  }

  /** Read before the table by whoever goes by both: records come before the position that covers them. */
  positions(): Positions {
    return new Map(this.tails.flatMap((tail) => [...tail.positions()]));
  }

  changedSince(positions: Positions): string[] {
    return this.table.changedSince(positions);
  }

  async caughtUp(): Promise<void> {
    await Promise.all(this.tails.map((tail) => tail.caughtUp()));
  }

  /** Records that could not be decoded, and that no later one of their entity has replaced. */
  undecodable(): readonly Undecodable[] {
    return [...this.poison.values()];
  }

  private follow(source: StreamContract<unknown>, fields: readonly string[]): StreamTail<unknown> {
    const { connection, onAdvance, onUndecodable, onFatal } = this.options;
    return new StreamTail({
      contract: source,
      connection,
      fields,
      onRecord: (record) => {
        this.take(source.name, record);
      },
      onAdvance,
      onUndecodable: (reason, record) => {
        this.poison.set(referenceId(source.name, record.key), { reason, record });
        onUndecodable(reason, record);
      },
      onFatal,
    });
  }

  private take(
    stream: string,
    { key, envelope, entityVersion, partition, offset }: TailRecord<unknown>,
  ): void {
    this.table.take({
      stream,
      key,
      version: envelope?.version ?? entityVersion,
      state: envelope === null || envelope.deleted ? null : envelope.state,
      partition,
      offset,
    });
    this.poison.delete(referenceId(stream, key));
    this.options.onTaken({ partition, key, offset, entityVersion, isGone: envelope === null });
  }
}
