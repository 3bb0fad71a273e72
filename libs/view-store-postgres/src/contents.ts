import { markModulus as modulus, markShift, type Extent, type ScannedItem } from '@reprise/view-store';
import type { ExtremeAddition } from '@reprise/view';
import { quoted, type GenerationTables, type GroupLayout } from './layout.js';
import type { RowShape } from './row-shape.js';
import type { Queryable } from './prepared.js';

const pageRows = 5_000;

/** Everything a generation holds, a page at a time. Within one transaction, so that a cursor can be used. */
export async function* scanPages(
  client: Queryable,
  tables: GenerationTables,
  { shape, groups: layout }: { shape: RowShape; groups: GroupLayout | undefined },
): AsyncIterable<readonly ScannedItem[]> {
  await client.query(
    `DECLARE scanned_rows NO SCROLL CURSOR FOR SELECT r.entity, r.key, ${shape.selected.join(', ')} FROM ${tables.rows} r`,
  );
  for (;;) {
    const { rows } = await client.query<[string, string, ...unknown[]]>({
      text: `FETCH ${pageRows} FROM scanned_rows`,
      rowMode: 'array',
    });
    if (rows.length === 0) break;
    yield rows.map(([entity, key, ...stored]) => ({ kind: 'row', entity, key, text: shape.textOf(stored) }));
  }
  if (!layout) return;
  const groups: ScannedItem[] = [];
  for await (const group of readGroups(client, tables, layout)) groups.push(group);
  yield groups;
}

async function* readGroups(
  client: Queryable,
  tables: GenerationTables,
  layout: GroupLayout,
): AsyncIterable<Extract<ScannedItem, { kind: 'group' }>> {
  const columns = Object.entries(layout.columns);
  const extremes = await readExtremes(client, tables);
  for await (const stored of pages(client, tables.groups, ['group_id'])) {
    const group = Object.fromEntries(
      columns.map(([name, type]) => [name, type === 'integer' ? Number(stored[name]) : String(stored[name])]),
    );
    const measures = Object.fromEntries(layout.measures.map((name) => [name, Number(stored[name])]));
    const extents = extremes.get(String(stored['group_id'])) ?? {};
    if (Object.keys(extents).length > 0 || Object.values(measures).some((amount) => amount !== 0))
      yield { kind: 'group', group, measures, extremes: extents };
  }
}

interface StoredExtent {
  readonly group_id: string;
  readonly measure: string;
  readonly least: string;
  readonly greatest: string;
  readonly entities: string;
  readonly mark: string;
}

/** How many entities have which value, for each of these groups by their ids. */
export async function readValues(
  client: Queryable,
  { extremes }: GenerationTables,
  ids: readonly string[],
): Promise<readonly (readonly ExtremeAddition[])[]> {
  const { rows } = await client.query<{ place: string; measure: string; value: string; entities: string }>(
    `SELECT n.place, x.measure, x.value, x.entities
     FROM unnest($1::uuid[]) WITH ORDINALITY AS n(group_id, place) JOIN ${extremes} x USING (group_id)`,
    [ids],
  );
  const found: ExtremeAddition[][] = ids.map(() => []);
  for (const { place, measure, value, entities } of rows)
    found[Number(place) - 1]?.push({ measure, value: Number(value), count: Number(entities) });
  return found;
}

/** By group: a row for each of its measures. */
async function readExtremes(
  client: Queryable,
  { extremes }: GenerationTables,
): Promise<ReadonlyMap<string, Readonly<Record<string, Extent>>>> {
  const { rows } = await client.query<StoredExtent>(
    `SELECT group_id, measure, min(value) AS least, max(value) AS greatest, sum(entities) AS entities,
       mod(mod(sum(mod(entities, ${modulus}) * mod(rest * mod(rest + ${markShift}, ${modulus}), ${modulus})), ${modulus}) + ${modulus}, ${modulus}) AS mark
     FROM ${extremes}, LATERAL (SELECT mod(mod(value, ${modulus}) + ${modulus}, ${modulus}) AS rest) AS reduced
     GROUP BY group_id, measure`,
  );
  const found = new Map<string, Record<string, Extent>>();
  for (const { group_id: id, measure, least, greatest, entities, mark } of rows) {
    const extents = found.get(id) ?? {};
    extents[measure] = {
      least: Number(least),
      greatest: Number(greatest),
      entities: Number(entities),
      mark: Number(mark),
    };
    found.set(id, extents);
  }
  return found;
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
