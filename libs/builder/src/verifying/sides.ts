import type { Envelope } from '@reprise/contracts';
import { CodedError, type Positions } from '@reprise/kernel';
import type { LogWindow } from '@reprise/log';
import {
  erase,
  foldNext,
  placeOf,
  type AnyView,
  type Contribution,
  type Folded,
  type GroupContribution,
  type Projector,
} from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { loadBegun } from '../loading/load-progress.js';
import {
  newestStates,
  type NewestState,
  type StateDecoder,
  type WindowSource,
} from '../loading/newest-states.js';
import type { StoredGroup } from './group-sums.js';

/** An entity as the log tells it: what is needed to write it again. */
export interface ToldEntity extends NewestState {
  readonly partition: string;
}

/** Receives what a side of a comparison has. Rows may come twice. */
export interface Visitor {
  row(entity: string, key: string, text: string): void;
  /** What one entity adds to a group. */
  share(contribution: GroupContribution): void;
  /** A whole group. */
  group(stored: StoredGroup): void;
  /** Before its rows and shares. */
  entity(told: ToldEntity): void;
  /** Nobody can say what the entity comes to: the log alone does not settle it, or it cannot be projected. */
  unsettled(entity: string): void;
}

/** One side of a comparison. */
export interface Side {
  /**
   * Everything of it, as of these next offsets if it can tell.
   * @throws CodedError `retry` when what it reads is away.
   */
  visit(visitor: Visitor, ends: Positions): Promise<void>;
}

export interface LogSideOptions {
  readonly view: AnyView<unknown>;
  readonly projector: Projector<unknown>;
  readonly source: WindowSource & {
    forwards(range: { partition: string; from: bigint; to: bigint }): AsyncIterable<LogWindow>;
  };
  readonly states: StateDecoder;
  readonly facts: { decode(value: Buffer): Promise<Envelope<unknown>> };
  /** As the store's scan has it. */
  readonly rowText: (row: unknown) => string;
  readonly starts: () => Promise<Positions>;
  readonly maxEntities: number;
  /** Told how many offsets were read. */
  readonly onRead: (offsets: number) => void;
}

interface Range {
  readonly partition: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** What the log says that there must be. */
export class LogSide implements Side {
  constructor(private readonly options: LogSideOptions) {}

  async visit(visitor: Visitor, ends: Positions): Promise<void> {
    const starts = await this.options.starts();
    for (const [partition, to] of ends) {
      const range = { partition, from: starts.get(partition) ?? 0n, to };
      if (this.options.view.fold) await this.visitFolded(visitor, range);
      else await this.visitNewest(visitor, range);
    }
  }

  private async visitNewest(visitor: Visitor, { partition, from, to }: Range): Promise<void> {
    const { source, states: decoder, maxEntities, onRead } = this.options;
    const progress = loadBegun(to);
    const pages = newestStates({ source, decoder, partition, start: from, progress, maxEntities });
    for await (const { states, unclear, offsets } of pages) {
      for (const state of states) this.visitEntity(visitor, partition, state);
      for (const key of unclear) visitor.unsettled(key);
      onRead(offsets);
    }
  }

  /** Events in order. What they are folded to has to be kept to the end. */
  private async visitFolded(visitor: Visitor, range: Range): Promise<void> {
    const folded = new Map<string, Folded>();
    const broken = new Set<string>();
    for await (const { from, to, records } of this.options.source.forwards(range)) {
      for (const { key, value, entityVersion } of records) {
        const before = folded.get(key) ?? { version: 0, state: null };
        const next = value === null ? this.erased(before, entityVersion) : await this.foldOn(before, value);
        if (next) folded.set(key, next);
        // One that began anew is told whole, whatever was missing before.
        if (next?.version === before.version) continue;
        if (next) broken.delete(key);
        else broken.add(key);
      }
      this.options.onRead(Number(to - from));
    }
    for (const key of broken) visitor.unsettled(key);
    for (const [key, state] of folded)
      if (!broken.has(key)) this.visitEntity(visitor, range.partition, { key, ...state });
  }

  /** Undefined when the event cannot be folded, or one before it is missing. */
  private async foldOn(before: Folded, value: Buffer): Promise<Folded | undefined> {
    const { view, facts } = this.options;
    try {
      const fact = await facts.decode(value);
      const place = placeOf(view, before, fact);
      if (place === 'seen') return before;
      return place === 'early' ? undefined : foldNext(view, before, fact);
    } catch (failure) {
      if (failure instanceof CodedError && failure.decision !== 'set-aside') throw failure;
      return undefined;
    }
  }

  private erased(before: Folded, upTo: number | undefined): Folded {
    return upTo === undefined || this.options.view.fold?.erasedKey === undefined
      ? before
      : erase(before, upTo);
  }

  private visitEntity(visitor: Visitor, partition: string, told: NewestState): void {
    const { key, state } = told;
    let contributions: readonly Contribution<unknown>[];
    try {
      contributions = state === null ? [] : this.options.projector.project(state);
    } catch {
      visitor.unsettled(key);
      return;
    }
    visitor.entity({ ...told, partition });
    for (const contribution of contributions) {
      if (contribution.kind === 'row')
        visitor.row(key, contribution.key, this.options.rowText(contribution.row));
      else visitor.share(contribution);
    }
  }
}

/** What a generation holds. */
export class GenerationSide implements Side {
  constructor(private readonly store: Pick<GenerationStore<unknown>, 'scan'>) {}

  async visit(visitor: Visitor): Promise<void> {
    await this.store.scan(({ pages }) => visitPages(visitor, pages));
  }
}

export async function visitPages(
  visitor: Visitor,
  pages: Parameters<Parameters<GenerationStore<unknown>['scan']>[0]>[0]['pages'],
): Promise<void> {
  for await (const page of pages)
    for (const item of page) {
      if (item.kind === 'row') visitor.row(item.entity, item.key, item.text);
      else visitor.group(item);
    }
}
