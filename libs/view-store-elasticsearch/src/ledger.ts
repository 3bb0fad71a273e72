import type { Client } from '@elastic/elasticsearch';
import type { Contributed } from '@reprise/view';
import type { Guard, WriteMark } from './bulk.js';
import { ledgerId, parseLedger, type Ledger } from './document.js';
import { attempt, failure } from './failures.js';

/** A ledger document as it was read. */
interface Reading {
  readonly ledger: Ledger;
  readonly mark: WriteMark;
}

/** Documents read in one request. */
const readingSize = 1_000;
/** Readings kept for a later write. Beyond it the oldest go; the write then reads again, at the price of a request. */
const mostReadings = 100_000;

/**
 * What entities contributed, read in real time, together with the mark of each document's last write. What is planned
 * from a reading may be written only over exactly that document (`guard`): an owner that wakes up late can neither
 * overwrite what came after it, nor slip in between the reading and the writing of the new one unseen.
 */
export class LedgerReader {
  private readonly readings = new Map<string, Reading | undefined>();

  constructor(
    private readonly client: Client,
    private readonly index: string,
  ) {}

  async contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    await this.read(entities);
    const found = new Map<string, Contributed>();
    for (const entity of entities) {
      const ledger = this.readings.get(entity)?.ledger;
      if (ledger) found.set(entity, contributedOf(ledger));
    }
    this.forgetOldest();
    return found;
  }

  /** What was last read of each entity, or is read now if it was not; each reading is good for one write. */
  async take(entities: readonly string[]): Promise<ReadonlyMap<string, Reading | undefined>> {
    await this.read(entities.filter((entity) => !this.readings.has(entity)));
    const taken = new Map(entities.map((entity) => [entity, this.readings.get(entity)]));
    for (const entity of entities) this.readings.delete(entity);
    return taken;
  }

  private async read(entities: readonly string[]): Promise<void> {
    for (let from = 0; from < entities.length; from += readingSize) {
      await this.readSome(entities.slice(from, from + readingSize));
    }
  }

  private async readSome(entities: readonly string[]): Promise<void> {
    const { docs } = await attempt(`reading the ledger of ${this.index}`, () =>
      this.client.mget({
        index: this.index,
        ids: entities.map(ledgerId),
        _source_includes: ['ledger'],
      }),
    );
    entities.forEach((entity, place) => {
      this.readings.delete(entity);
      this.readings.set(entity, readingOf(entity, docs[place]));
    });
  }

  private forgetOldest(): void {
    for (const entity of this.readings.keys()) {
      if (this.readings.size <= mostReadings) return;
      this.readings.delete(entity);
    }
  }
}

function contributedOf({ version, rows, references = [], state = null }: Ledger): Contributed {
  return { version, rows, groups: [], references, state };
}

export function guardOf(reading: Reading | undefined): Guard {
  return reading === undefined ? { kind: 'absent' } : { kind: 'unchanged', since: reading.mark };
}

function readingOf(
  entity: string,
  answer:
    | {
        found?: boolean;
        _source?: unknown;
        _seq_no?: number;
        _primary_term?: number;
        error?: { type: string };
      }
    | undefined,
): Reading | undefined {
  const { found, error, _seq_no: seqNo, _primary_term: primaryTerm, _source: source } = answer ?? {};
  if (error?.type === 'index_not_found_exception') throw failure('generation-missing', `ledger of ${entity}`);
  if (found === false) return undefined;
  if (seqNo === undefined || primaryTerm === undefined) {
    throw failure(
      'elasticsearch-unavailable',
      `no answer about the ledger of ${entity}: ${JSON.stringify(answer)}`,
    );
  }
  return { ledger: parseLedger(source), mark: { seqNo, primaryTerm } };
}
