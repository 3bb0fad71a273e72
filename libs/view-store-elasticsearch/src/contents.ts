import type { Client } from '@elastic/elasticsearch';
import { parseRowDocument } from './document.js';
import { attempt } from './failures.js';
import { rowFilter } from './layout.js';

const pageSize = 2_000;
const keepAlive = '2m';

/** All rows as of the last refresh, a page at a time, from one unchanging view of the index. */
export async function* storedRows(
  client: Client,
  index: string,
): AsyncIterable<{ entity: string; key: string; row: unknown }> {
  const doing = `reading the rows of ${index}`;
  let { id } = await attempt(doing, () => client.openPointInTime({ index, keep_alive: keepAlive }));
  try {
    let after: readonly (string | number | boolean | null)[] | undefined;
    do {
      const page = await attempt(doing, () =>
        client.search({
          pit: { id, keep_alive: keepAlive },
          size: pageSize,
          query: { bool: { filter: [rowFilter] } },
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          _source: ['entity', 'key', 'row'],
          ...(after && { search_after: [...after] }),
        }),
      );
      id = page.pit_id ?? id;
      for (const { _source } of page.hits.hits) yield parseRowDocument(_source);
      after = page.hits.hits.at(-1)?.sort;
    } while (after !== undefined);
  } finally {
    await attempt(doing, () => client.closePointInTime({ id }));
  }
}
