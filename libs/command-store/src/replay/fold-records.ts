/** A record of an entity, as far as it could be read. */
export interface ToldRecord {
  readonly key: string;
  /** By the event, or by the header of a tombstone; undefined when nothing tells it. */
  readonly version: number | undefined;
  /** Null: the entity is gone. Undefined: the record cannot be read. */
  readonly state: unknown;
  /** In a history, nothing has to come before it: it begins its entity where older events may be erased, or erases them. */
  readonly startsAnew?: boolean;
}

/** What was met in the log that should not be there. */
export interface LogFinding {
  /** gap: versions of a history are missing. unreadable: a record cannot be decoded. */
  readonly kind: 'gap' | 'unreadable';
  /** `topic/partition`. */
  readonly partition: string;
  readonly key: string;
  /** Newest version of the entity before the record; 0 for none. */
  readonly before: number;
  /** Version that the record tells; 0 when it tells none. */
  readonly found: number;
}

/**
 * An entity whose last record is not its newest state. backwards: it tells an older version than one before it, and
 * compaction will keep that one. unreadable: it tells a newer version, and cannot be decoded.
 */
export interface UnsettledEntity {
  readonly stream: string;
  readonly key: string;
  readonly kind: 'backwards' | 'unreadable';
  /** Version that the last record tells. */
  readonly version: number;
}

/** Where records come from. */
export interface RecordPlace {
  /** Name of the entity's stream, also where its history is read. */
  readonly stream: string;
  /** `topic/partition`. */
  readonly partition: string;
  /** Every event is kept: versions have no gaps. */
  readonly isHistory: boolean;
}

/** What consecutive records of a partition come to. */
export interface FoldedRecords {
  /** The newest state of each entity that was told. */
  readonly newest: ReadonlyMap<string, { readonly version: number; readonly state: unknown }>;
  readonly findings: readonly LogFinding[];
  /** Entities whose last record is their newest state. */
  readonly settled: readonly string[];
  readonly unsettled: readonly UnsettledEntity[];
}

/**
 * Folds records in the order of the log. `met` has the newest version of each of their entities that the topic told
 * before. A record may come again, after a relay broke off between append and acknowledgement; then so do those behind it.
 */
export function foldRecords(
  records: readonly ToldRecord[],
  met: ReadonlyMap<string, number>,
  place: RecordPlace,
): FoldedRecords {
  const newest = new Map<string, { version: number; state: unknown }>();
  const unsettled = new Map<string, UnsettledEntity>();
  const findings: LogFinding[] = [];
  for (const { key, version, state, startsAnew = false } of records) {
    const before = newest.get(key)?.version ?? met.get(key) ?? 0;
    const { stream, partition, isHistory } = place;
    if (state === undefined) {
      findings.push({ kind: 'unreadable', partition, key, before, found: version ?? 0 });
      // One that tells no version was not written by a command store: the entity stands.
      if (version !== undefined && version > before)
        unsettled.set(key, { stream, key, kind: 'unreadable', version });
      continue;
    }
    const told = version ?? before;
    if (told < before) {
      unsettled.set(key, { stream, key, kind: 'backwards', version: told });
      continue;
    }
    if (isHistory && !startsAnew && told > before + 1)
      findings.push({ kind: 'gap', partition, key, before, found: told });
    newest.set(key, { version: told, state });
    unsettled.delete(key);
  }
  const settled = [...newest.keys()].filter((key) => !unsettled.has(key));
  // That a history repeats itself does not unsettle anything: each of its events is kept by itself.
  return { newest, findings, settled, unsettled: place.isHistory ? [] : [...unsettled.values()] };
}
