import { errors, type Client, type estypes } from '@elastic/elasticsearch';
import type { DependentsQuery } from '@reprise/view-store';
import { parsePartitionId } from '@reprise/kernel';
import { ledgerId, parseRowDocument, property, rowId } from './document.js';
import { attempt } from './failures.js';
import { rowFilter } from './layout.js';

const pageSize = 2_000;
const keepAlive = '2m';

/** All rows as of the last refresh, a page at a time. */
export async function* storedRows(
  client: Client,
  index: string,
): AsyncIterable<readonly { entity: string; key: string; row: unknown }[]> {
  const wanted = { filter: [rowFilter], fields: ['entity', 'key', 'row'] };
  for await (const page of pages(client, index, wanted)) yield page.map(parseRowDocument);
}

/** The row that the entity has under this key, not looked into, as of the last refresh; undefined where there is none. */
export async function storedRow(
  client: Client,
  index: string,
  { entity, key }: { readonly entity: string; readonly key: string },
): Promise<unknown> {
  const id = entity === key ? ledgerId(entity) : rowId(entity, key);
  const document = await attempt(`reading row ${key} of ${index}`, () =>
    getOrNothing(() => client.get({ index, id, realtime: false, _source_includes: ['row'] })),
  );
  // Only documents of kind `row` have one.
  return property(document?._source, 'row');
}

/** Entities of a partition that refer to any of these, as of the last refresh. */
export async function* storedDependents(
  client: Client,
  index: string,
  { partition, references }: DependentsQuery,
): AsyncIterable<readonly string[]> {
  const filter = [{ term: { partition } }, { terms: { refers: [...references] } }];
  for await (const page of pages(client, index, { filter, fields: ['entity'] }))
    yield page.map((stored) => String(property(stored, 'entity')));
}

/** By partition, as of the last refresh: the next offset after what the newest of its documents tells, and where its load ends. */
export async function newestMarks(
  client: Client,
  index: string,
  partitions: readonly string[],
): Promise<Record<'written' | 'loaded', ReadonlyMap<string, bigint>>> {
  const numbers = partitions.map((id) => parsePartitionId(id).partition);
  const fields = [
    ...numbers.map((number) => `upTo.${number}`),
    ...numbers.map((number) => `loadedTo.${number}`),
  ];
  const { aggregations = {} } = await attempt(`reading upTo of ${index}`, () =>
    client.search<unknown, Record<string, estypes.AggregationsMaxAggregate>>({
      index,
      size: 0,
      track_total_hits: false,
      aggs: Object.fromEntries(fields.map((field, place) => [String(place), { max: { field } }])),
    }),
  );
  const told = (first: number): Map<string, bigint> => {
    const values = partitions.map(
      (id, place) => [id, aggregations[String(first + place)]?.value ?? null] as const,
    );
    return new Map(values.flatMap(([id, value]) => (value === null ? [] : [[id, BigInt(value)] as const])));
  };
  return { written: told(0), loaded: told(partitions.length) };
}

/** Undefined where there is no such document; that there is no such index is a failure. */
async function getOrNothing<Document>(get: () => Promise<Document>): Promise<Document | undefined> {
  try {
    return await get();
  } catch (thrown) {
    if (thrown instanceof errors.ResponseError && property(thrown.body, 'found') === false) return undefined;
    throw thrown;
  }
}

/** What the filters let through, a page at a time, from one unchanging view of the index. */
async function* pages(
  client: Client,
  index: string,
  { filter, fields }: { filter: estypes.QueryDslQueryContainer[]; fields: string[] },
): AsyncIterable<readonly unknown[]> {
  const doing = `reading ${fields.join(', ')} of ${index}`;
  let { id } = await attempt(doing, () => client.openPointInTime({ index, keep_alive: keepAlive }));
  try {
    let after: readonly (string | number | boolean | null)[] | undefined;
    do {
      const page = await attempt(doing, () =>
        client.search({
          pit: { id, keep_alive: keepAlive },
          size: pageSize,
          query: { bool: { filter } },
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          _source: fields,
          ...(after && { search_after: [...after] }),
        }),
      );
      id = page.pit_id ?? id;
      if (page.hits.hits.length > 0) yield page.hits.hits.map(({ _source }) => _source);
      after = page.hits.hits.at(-1)?.sort;
    } while (after !== undefined);
  } finally {
    await attempt(doing, () => client.closePointInTime({ id }));
  }
}
