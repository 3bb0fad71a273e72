import { callsFor } from '@reprise/kernel';
import type { EntityState, LogWindow, ScannedRecord } from '@reprise/log';
import type { EntityRecord } from '@reprise/view';
import { split, takes, type LoadPass, type LoadProgress } from './load-progress.js';

/** Reads a partition backwards; see LogScanner. */
export interface WindowSource {
  backwards(range: { partition: string; from: bigint; to: bigint }): AsyncIterable<LogWindow>;
}

/** Decodes what tells a state; see StreamDecoder.states. */
export interface StateDecoder {
  decodeState(value: Buffer): EntityState | undefined;
  decode(value: Buffer): Promise<EntityState>;
}

export interface NewestStatesOptions {
  readonly source: WindowSource;
  readonly decoder: StateDecoder;
  readonly partition: string;
  /** The first offset that is still in the log. */
  readonly start: bigint;
  readonly progress: LoadProgress;
  /** Entities remembered at once; beyond it another pass is made. */
  readonly maxEntities: number;
}

/** What one window of the log brought. */
export interface StatesPage {
  /** Each entity once over all pages, with its newest state below the end. */
  readonly states: readonly NewestState[];
  /** How far it is after this page; no passes: done. */
  readonly progress: LoadProgress;
  /** Offsets that the window covered. */
  readonly offsets: number;
  /**
   * Entities that the newest record does not settle: it cannot be decoded, or an older one claims a newer version. Their
   * whole history has to be read in order.
   */
  readonly unclear: readonly string[];
}

export interface NewestState extends EntityRecord {
  readonly version: number;
}

/** A record that may be the newest of its entity; `version` undefined: a tombstone that does not tell it. */
interface Newest {
  record: Pick<ScannedRecord, 'value'>;
  version: number | undefined;
}

/**
 * The newest state of every entity of a partition, each decoded once: what a newer record supersedes is never looked into.
 * Memory: a window, and the keys and versions of `maxEntities`.
 * @throws CodedError `retry` when the log or the registry is away.
 */
export async function* newestStates(options: NewestStatesOptions): AsyncGenerator<StatesPage> {
  const { source, partition, start, decoder, maxEntities } = options;
  const { end, passes, isUnclear } = options.progress;
  const queue = [...passes];
  for (let pass = queue.shift(); pass; pass = queue.shift()) {
    const reader = new PassReader(decoder, pass);
    // What a load before this one took in is only remembered, so that nothing older is taken for new.
    for await (const window of source.backwards({ partition, from: pass.below, to: end })) {
      const { unclear } = await reader.read(window, { isTaken: false });
      yield page([], { end, passes: [reader.pass, ...queue], isUnclear }, { window, unclear });
    }
    for await (const window of source.backwards({ partition, from: start, to: pass.below })) {
      const { states, unclear } = await reader.read(window, { isTaken: true });
      while (reader.remembered > maxEntities && reader.isDivisible) queue.push(reader.split());
      yield page(states, { end, passes: [reader.pass, ...queue], isUnclear }, { window, unclear });
    }
    const nothing = { from: start, to: start };
    yield page(reader.leftGone(), { end, passes: queue, isUnclear }, { window: nothing, unclear: [] });
  }
}

function page(
  states: readonly NewestState[],
  progress: LoadProgress,
  { window, unclear }: { window: Pick<LogWindow, 'from' | 'to'>; unclear: readonly string[] },
): StatesPage {
  return { states, unclear, progress, offsets: Number(window.to - window.from) };
}

/** Newer than every version: of an entity whose tombstone tells none. */
const beyondAll = Number.MAX_SAFE_INTEGER;
/** Halved no further: then it is not the number of entities that fills the memory. */
const mostPasses = 1 << 20;

/** Goes through the windows of one pass, and remembers which entities it met. */
class PassReader {
  private readonly versions = new Map<string, number>();
  /** Entities that are gone at a version that only older records tell: the newest of those. */
  private readonly gone = new Map<string, number>();

  constructor(
    private readonly decoder: StateDecoder,
    private at: LoadPass,
  ) {}

  get pass(): LoadPass {
    return this.at;
  }

  get remembered(): number {
    return this.versions.size;
  }

  get isDivisible(): boolean {
    return this.at.modulus < mostPasses;
  }

  /** @param isTaken False for what is loaded already. */
  async read(
    window: LogWindow,
    { isTaken }: { isTaken: boolean },
  ): Promise<{ states: NewestState[]; unclear: string[] }> {
    const { newest, unclear } = await this.newestIn(window.records);
    const states: NewestState[] = [];
    for (const [key, record] of newest) {
      if (this.isKnown(key, record.version, unclear)) continue;
      this.versions.set(key, record.version ?? beyondAll);
      if (record.version === undefined) this.gone.set(key, 0);
      else if (isTaken) await this.take(key, record, { states, unclear });
    }
    if (isTaken) this.at = { ...this.at, below: window.from };
    return { states, unclear };
  }

  /** Those whose tombstones tell no version, once all their older records were met. */
  leftGone(): NewestState[] {
    return [...this.gone].map(([key, version]) => ({ key, version: version + 1, state: null }));
  }

  /** Forgets half of the entities; returns the pass that takes them up. */
  split(): LoadPass {
    const [kept, later] = split(this.at);
    this.at = kept;
    for (const map of [this.versions, this.gone])
      for (const key of map.keys()) if (!takes(kept, key)) map.delete(key);
    return later;
  }

  private async newestIn(
    records: readonly ScannedRecord[],
  ): Promise<{ newest: Map<string, Newest>; unclear: string[] }> {
    const newest = new Map<string, Newest>();
    const unclear: string[] = [];
    const isWhole = this.at.modulus === 1;
    for (const record of records) {
      const { key } = record;
      if (!isWhole && !takes(this.at, key)) continue;
      const version = record.entityVersion ?? (await this.versionOf(record, unclear));
      const known = newest.get(key);
      if (!known) newest.set(key, { record, version });
      else if (known.version === undefined || version === undefined || version >= known.version) {
        // In place: an object for every record that is superseded at once would be garbage.
        known.record = record;
        known.version = version ?? known.version;
      }
    }
    return { newest, unclear };
  }

  /** True when a newer window had the entity. */
  private isKnown(key: string, version: number | undefined, unclear: string[]): boolean {
    const known = this.versions.get(key);
    if (known === undefined) return false;
    if (known === beyondAll) this.gone.set(key, Math.max(this.gone.get(key) ?? 0, version ?? 0));
    else if (version !== undefined && version > known) unclear.push(key);
    return true;
  }

  private async take(
    key: string,
    { record, version = 0 }: Newest,
    to: { states: NewestState[]; unclear: string[] },
  ): Promise<void> {
    const { value } = record;
    if (value === null) {
      to.states.push({ key, version, state: null });
      return;
    }
    try {
      const told = this.decoder.decodeState(value) ?? (await this.decoder.decode(value));
      to.states.push({ key, version: told.version, state: told.deleted ? null : told.state });
    } catch (failure) {
      if (!callsFor(failure, 'set-aside')) throw failure;
      to.unclear.push(key);
    }
  }

  /** For records without the header. One that cannot be decoded has none, and leaves its entity unclear. */
  private async versionOf({ key, value }: ScannedRecord, unclear: string[]): Promise<number | undefined> {
    if (value === null) return undefined;
    try {
      return (this.decoder.decodeState(value) ?? (await this.decoder.decode(value))).version;
    } catch (failure) {
      if (!callsFor(failure, 'set-aside')) throw failure;
      unclear.push(key);
      return undefined;
    }
  }
}
