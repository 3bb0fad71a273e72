import { parsePartitionId } from '@reprise/kernel';
import { LogAdmin, LogScanner, StreamDecoder, type LogConnection } from '@reprise/log';
import { projector, type AnyView } from '@reprise/view';
import type { Claim, GenerationStore } from '@reprise/view-store';
import { Turns } from '../feeding/turns.js';
import { loadLanes, workSizes } from '../work-sizes.js';
import type { FeedTally } from '../measuring/feed-tally.js';
import type { JoinedStreams } from '../references/reference-table.js';
import { PartitionLoader, type LoadOutcome } from './partition-loader.js';

export interface GenerationLoadsOptions<Row> {
  readonly view: AnyView<Row>;
  readonly store: GenerationStore<Row>;
  readonly connection: LogConnection;
  readonly joined: JoinedStreams;
  readonly tally: FeedTally;
  /** Memory for what it holds at once, in megabytes. Default 256. */
  readonly workMemoryMb?: number;
  /** Told after each window how many offsets it covered; resolves when the next may begin. */
  readonly onLoaded: (offsets: number) => Promise<void>;
  /** All partitions are loaded, and the store is fit for feeding. */
  readonly onEnd: () => void;
  readonly isCurrent: (partition: string) => boolean;
}

const finishPollMs = 100;
const nobody: ReadonlySet<string> = new Set();

/** The loads of one generation's partitions, as far as this process owns them. */
export class GenerationLoads<Row> {
  private readonly scanner: LogScanner;
  private readonly admin: LogAdmin;
  private readonly loader: PartitionLoader<Row>;
  private readonly turns = new Turns();
  private loading = 0;
  private finishing = 0;

  constructor(private readonly options: GenerationLoadsOptions<Row>) {
    this.scanner = new LogScanner(options.connection);
    this.admin = new LogAdmin(options.connection);
    this.loader = this.makeLoader();
  }

  get phase(): 'loading' | 'sealing' | 'feeding' {
    if (this.loading > 0) return 'loading';
    return this.finishing > 0 ? 'sealing' : 'feeding';
  }

  /** Resolves when feeding can go on from the claim that it returns. @throws as the loader does. */
  async load(claim: Claim): Promise<LoadOutcome> {
    // Whoever loaded it may have ended before the store was made fit for feeding.
    const outcome = claim.loading === '' ? { claim, unclear: nobody, end: 0n } : await this.fill(claim);
    this.finishing += 1;
    await this.loader.finish(claim.partition).finally(() => (this.finishing -= 1));
    this.options.onEnd();
    return outcome;
  }

  async stop(): Promise<void> {
    await Promise.all([this.scanner.stop(), this.admin.stop()]);
  }

  private fill(claim: Claim): Promise<LoadOutcome> {
    const { partition } = parsePartitionId(claim.partition);
    this.loading += 1;
    return this.turns
      .take(`lane ${partition % loadLanes}`, () => this.loader.load(claim))
      .finally(() => (this.loading -= 1));
  }

  private makeLoader(): PartitionLoader<Row> {
    const { view, connection, joined, workMemoryMb } = this.options;
    return new PartitionLoader({
      ...this.options,
      source: this.scanner,
      decoder: StreamDecoder.states(view.source, connection, view.fields),
      projector: projector(view, (stream, key) => joined.lookUp(stream, key)),
      ends: (partition) => this.endsOf(partition),
      references: () => joined.positions(),
      maxEntities: workSizes(workMemoryMb).loadedEntities,
      pause: () => new Promise((resolve) => setTimeout(resolve, finishPollMs)),
    });
  }

  private async endsOf(partition: string): Promise<{ start: bigint; end: bigint }> {
    const { topic } = this.options.view.source;
    const [starts, ends] = await Promise.all([
      this.admin.startOffsets(topic),
      this.admin.endOffsets([topic]),
    ]);
    return { start: starts.get(partition) ?? 0n, end: ends.get(partition) ?? 0n };
  }
}
