import type { Positions } from '@reprise/kernel';
import { referenceId } from '@reprise/view';

/** One record of a joined stream. `state` null: the entity is gone. */
export interface ReferenceRecord {
  readonly stream: string;
  readonly key: string;
  readonly version: number | undefined;
  readonly state: unknown;
  /** `topic/partition`. */
  readonly partition: string;
  readonly offset: bigint;
}

/** What a feeder needs of the streams that its view joins. */
export interface JoinedStreams {
  /** The state of a referenced entity; null when it is not there. */
  lookUp(stream: string, key: string): unknown;
  /** Next offsets: everything below is in the table. */
  positions(): Positions;
  /** Ids of all that changed at or after these positions. */
  changedSince(positions: Positions): string[];
  /** Resolves when everything that the log held at the call is in the table. */
  caughtUp(): Promise<void>;
}

interface Entry {
  readonly version: number;
  readonly state: unknown;
  readonly partition: string;
  readonly offset: bigint;
}

/**
 * The newest state of every referenced entity, in this process's memory. What is gone stays known as gone, with its
 * version: so nothing older brings it back, and what depended on it can be told.
 */
export class ReferenceTable {
  private readonly entries = new Map<string, Entry>();

  /** True when it changed what {@link lookUp} answers. */
  take({ stream, key, version, state, partition, offset }: ReferenceRecord): boolean {
    const id = referenceId(stream, key);
    const before = this.entries.get(id);
    const told = version ?? (before?.version ?? 0) + 1;
    if (before && told < before.version) return false;
    this.entries.set(id, { version: told, state, partition, offset });
    return true;
  }

  lookUp(stream: string, key: string): unknown {
    return this.entries.get(referenceId(stream, key))?.state ?? null;
  }

  changedSince(positions: Positions): string[] {
    const changed: string[] = [];
    for (const [id, { partition, offset }] of this.entries)
      if (offset >= (positions.get(partition) ?? 0n)) changed.push(id);
    return changed;
  }
}

/** For a view that joins nothing. */
export const nothingJoined: JoinedStreams = {
  lookUp: () => null,
  positions: () => new Map(),
  changedSince: () => [],
  caughtUp: () => Promise.resolve(),
};
