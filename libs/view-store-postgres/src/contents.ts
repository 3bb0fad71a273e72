import type { StoredItem } from '@reprise/view-store';
import { quoted, type GenerationTables, type GroupLayout, type PostgresLayout } from './layout.js';
import type { Queryable } from './statements.js';

const pageRows = 5_000;

/** Everything a generation holds, a page at a time. */
export async function* readContents<Row>(
  client: Queryable,
  tables: GenerationTables,
  layout: PostgresLayout<Row>,
): AsyncIterable<StoredItem<Row>> {
  for await (const stored of pages(client, tables.rows, ['entity', 'key'])) {
    yield {
      kind: 'row',
      entity: String(stored['entity']),
      key: String(stored['key']),
      row: layout.parseRow(stored['content']),
    };
  }
  if (layout.groups) yield* readGroups(client, tables.groups, layout.groups);
}

async function* readGroups(
  client: Queryable,
  table: string,
  layout: GroupLayout,
): AsyncIterable<StoredItem<never>> {
  const columns = Object.entries(layout.columns);
  for await (const stored of pages(client, table, Object.keys(layout.columns))) {
    const group = Object.fromEntries(
      columns.map(([name, type]) => [name, type === 'integer' ? Number(stored[name]) : String(stored[name])]),
    );
    const measures = Object.fromEntries(layout.measures.map((name) => [name, Number(stored[name])]));
    if (Object.values(measures).some((amount) => amount !== 0)) yield { kind: 'group', group, measures };
  }
}

/** All rows of a table in the order of its key. */
async function* pages(
  client: Queryable,
  table: string,
  key: readonly string[],
): AsyncIterable<Record<string, unknown>> {
  const columns = key.map(quoted).join(', ');
  let after: readonly unknown[] = [];
  for (;;) {
    const places = key.map((_, place) => `$${place + 1}`).join(', ');
    const from = after.length === 0 ? '' : `WHERE (${columns}) > (${places})`;
    const { rows } = await client.query<Record<string, unknown>>(
      `SELECT * FROM ${table} ${from} ORDER BY ${columns} LIMIT ${pageRows}`,
      [...after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    after = key.map((name) => last[name]);
  }
}
