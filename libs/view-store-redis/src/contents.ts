import type { ScannedItem } from '@reprise/view-store';
import type { RedisConnection } from './connection.js';
import { reaching, storeError } from './errors.js';
import { parseRowId, type IndexPlace, type keysOf, type RedisLayout } from './layout.js';
import { parseStored } from './ledger.js';

const scanCount = 1_000;
/** Of one script, so that readers never wait long. */
const rectifiedAtOnce = 200;

interface StoredRow {
  readonly id: string;
  readonly row: unknown;
  readonly places: readonly IndexPlace[];
}

/**
 * All that a generation holds: its rows, and whether readers find them. The text of a row that is not a member of its indexes, as
 * they and its layout say, tells where it stands instead; so does that of a member of an index whose row does not name it. Rows
 * and indexes are read one after another: what is written meanwhile may look wrong once.
 */
export class RedisContents<Row> {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: ReturnType<typeof keysOf>,
    private readonly layout: RedisLayout<Row>,
  ) {}

  async *pages(): AsyncIterable<readonly ScannedItem[]> {
    const named = new Map<string, number>();
    let rowsSeen = 0;
    for await (const rows of this.rows()) {
      rowsSeen += rows.length;
      const scores = await this.scoresOf(rows);
      yield rows.map((row, place) => this.item(row, scores[place] ?? []));
      for (const { index } of rows.flatMap(({ places }) => places))
        named.set(index, (named.get(index) ?? 0) + 1);
    }
    // A row that was met twice counts twice, and then the counts tell nothing.
    const areCounted = rowsSeen === (await reaching(() => this.connection.client.hlen(this.keys.rows)));
    for await (const index of this.indexes()) {
      const members = await reaching(() => this.connection.client.zcard(this.keys.indexPrefix + index));
      if (!areCounted || members !== (named.get(index) ?? 0)) yield* this.superfluousIn(index);
    }
  }

  /** Rows without a look at the indexes. */
  async *rows(): AsyncIterable<readonly StoredRow[]> {
    let cursor = '0';
    do {
      const [next, fields] = await reaching(() =>
        this.connection.client.hscan(this.keys.rows, cursor, 'COUNT', scanCount),
      );
      cursor = next;
      const page: StoredRow[] = [];
      for (let place = 0; place + 1 < fields.length; place += 2)
        page.push({ id: fields[place] ?? '', ...parseStored(fields[place + 1] ?? '') });
      yield page;
    } while (cursor !== '0');
  }

  /** Makes the indexes what the rows say: one atomic script for some members at a time. */
  async rectify(): Promise<void> {
    for await (const index of this.indexes())
      for await (const ids of this.membersOf(index)) await this.rectifyIds(index, ids);
    for await (const rows of this.rows()) {
      const lost = await this.lostIn(rows);
      // Where a row is missing it is not what the row says, so this takes nothing away.
      for (const [index, ids] of lost) await this.rectifyIds(index, ids);
    }
  }

  private item({ id, row, places }: StoredRow, scores: readonly (number | undefined)[]): ScannedItem {
    const isFound = places.every(({ score }, place) => scores[place] === score);
    if (isFound && this.isPlacedRight(row, places))
      return { kind: 'row', ...parseRowId(id), text: JSON.stringify(row) };
    const found = places.map(({ index }, place) => [index, scores[place] ?? null]);
    return { kind: 'row', ...parseRowId(id), text: JSON.stringify({ row, indexes: found }) };
  }

  private isPlacedRight(row: unknown, places: readonly IndexPlace[]): boolean {
    let wanted: readonly IndexPlace[];
    try {
      wanted = this.layout.indexes(this.layout.parseRow(row));
    } catch {
      // It is no row of this view: its text says so by itself.
      return true;
    }
    return (
      wanted.length === places.length &&
      wanted.every(({ index, score }, place) => {
        const stored = places[place];
        return stored?.index === index && stored.score === score;
      })
    );
  }

  /** For each row the scores that its indexes have for it, in one round trip. */
  private async scoresOf(rows: readonly StoredRow[]): Promise<readonly (readonly (number | undefined)[])[]> {
    const wanted = rows.flatMap(({ id, places }, row) =>
      places.map(({ index }, place) => ({ index, id, row, place })),
    );
    const scores: (number | undefined)[][] = rows.map(() => []);
    if (wanted.length === 0) return scores;
    const byIndex = [...Map.groupBy(wanted, ({ index }) => index)];
    const pipeline = this.connection.client.pipeline();
    for (const [index, asked] of byIndex)
      pipeline.zmscore(this.keys.indexPrefix + index, ...asked.map(({ id }) => id));
    const answers = await reaching(async () => (await pipeline.exec()) ?? []);
    for (const [at, [, asked]] of byIndex.entries()) {
      const told = await reaching(() => answered(answers[at]));
      for (const [number, { row, place }] of asked.entries()) {
        const score = told[number];
        const scoresOfRow = scores[row];
        if (scoresOfRow) scoresOfRow[place] = typeof score === 'string' ? Number(score) : undefined;
      }
    }
    return scores;
  }

  private async *superfluousIn(index: string): AsyncIterable<readonly ScannedItem[]> {
    for await (const ids of this.membersOf(index)) {
      const rows = await reaching(() => this.connection.client.hmget(this.keys.rows, ...ids));
      yield ids.flatMap((id, place): ScannedItem[] => {
        const stored = rows[place] ?? undefined;
        const { row, places } = stored === undefined ? nowhere : parseStored(stored);
        if (places.some((known) => known.index === index)) return [];
        return [{ kind: 'row', ...placeOf(id), text: JSON.stringify({ row, superfluousIn: index }) }];
      });
    }
  }

  /** Names of all indexes, each once or more. */
  private async *indexes(): AsyncIterable<string> {
    const { indexPrefix } = this.keys;
    let cursor = '0';
    do {
      const [next, found] = await reaching(() =>
        this.connection.client.scan(cursor, 'MATCH', `${literal(indexPrefix)}*`, 'COUNT', scanCount),
      );
      cursor = next;
      for (const key of found) yield key.slice(indexPrefix.length);
    } while (cursor !== '0');
  }

  private async *membersOf(index: string): AsyncIterable<readonly string[]> {
    let cursor = '0';
    do {
      const [next, found] = await reaching(() =>
        this.connection.client.zscan(this.keys.indexPrefix + index, cursor, 'COUNT', scanCount),
      );
      cursor = next;
      const ids = found.filter((_, place) => place % 2 === 0);
      if (ids.length > 0) yield ids;
    } while (cursor !== '0');
  }

  /** Ids that an index does not have, or not by the score that their row says. */
  private async lostIn(rows: readonly StoredRow[]): Promise<ReadonlyMap<string, string[]>> {
    const scores = await this.scoresOf(rows);
    const lost = new Map<string, string[]>();
    for (const [at, { id, places }] of rows.entries())
      for (const [place, { index, score }] of places.entries())
        if (scores[at]?.[place] !== score) lost.set(index, [...(lost.get(index) ?? []), id]);
    return lost;
  }

  private async rectifyIds(index: string, ids: readonly string[]): Promise<void> {
    const { rows, indexPrefix } = this.keys;
    for (let from = 0; from < ids.length; from += rectifiedAtOnce) {
      const some = ids.slice(from, from + rectifiedAtOnce);
      await reaching(() => this.connection.call('repriseRectify', [rows, indexPrefix, index, ...some]));
    }
  }
}

const nowhere = { row: null, places: [] as readonly IndexPlace[] };

/** What stands in an index without being an id of ours is told as it is. */
function placeOf(id: string): { entity: string; key: string } {
  try {
    return parseRowId(id);
  } catch {
    return { entity: id, key: id };
  }
}

function answered(
  [failure, answer]: readonly [Error | null, unknown] = [null, undefined],
): Promise<readonly unknown[]> {
  if (failure) return Promise.reject(failure);
  if (Array.isArray(answer)) return Promise.resolve(answer);
  return Promise.reject(storeError('stored-value-corrupt', 'no scores were told'));
}

/** As a pattern that matches nothing but this text. */
function literal(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, '\\$&');
}
