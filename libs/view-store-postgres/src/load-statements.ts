import type { Contributed } from '@reprise/view';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { PoolClient } from 'pg';
import copy from 'pg-copy-streams';
import { identified, type IdentifiedAddition } from './group-statements.js';
import { arrayText } from './array-text.js';
import { contributionText } from './ledger.js';
import { quoted, type GenerationTables, type GroupLayout } from './layout.js';
import type { RowShape } from './row-shape.js';
import type { Queryable } from './prepared.js';
import { isToldByRows, type Put } from './statements.js';

/** One function a statement: those of a bulk load. */
export function copyRows(
  client: PoolClient,
  { rows }: GenerationTables,
  { puts, shape }: { puts: readonly Put[]; shape: RowShape },
): Promise<void> {
  const line = ({ entity, key, version, row }: Put): string => {
    const name = copyText(entity);
    let text = `${name}\t${key === entity ? name : copyText(key)}\t${version}`;
    for (const value of shape.values(row)) text += `\t${copyValue(value)}`;
    return `${text}\n`;
  };
  const names = shape.columns.map((column) => column.name);
  return copyIn(client, `${rows} (entity, key, version, ${names.join(', ')})`, { items: puts, line });
}

/** The ledger's entries of those that need one. */
export async function copyLedger(
  client: PoolClient,
  { entities }: GenerationTables,
  { partition, contributed }: { partition: string; contributed: ReadonlyMap<string, Contributed> },
): Promise<void> {
  const kept = [...contributed].filter(([, entry]) => !isToldByRows(entry));
  if (kept.length === 0) return;
  const into = `${entities} (entity, version, contribution, partition, refers_to, state)`;
  const line = ([entity, entry]: readonly [string, Contributed]): string => {
    const { version, references, state } = entry;
    const held = state === null ? '\\N' : copyText(JSON.stringify(state));
    const columns = [copyText(entity), version, copyText(contributionText(entry)), copyText(partition)];
    return `${[...columns, copyText(arrayText(references)), held].join('\t')}\n`;
  };
  await copyIn(client, into, { items: kept, line });
}

export async function createParts(
  client: Queryable,
  { groupParts, extremeParts }: GenerationTables,
  { columns, measures }: GroupLayout,
): Promise<void> {
  const keys = Object.entries(columns).map(([name, type]) => `${quoted(name)} ${type} NOT NULL`);
  const sums = measures.map((name) => `${quoted(name)} bigint NOT NULL`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${groupParts} (${['group_id uuid NOT NULL', ...keys, ...sums].join(', ')})`,
  );
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${extremeParts} (group_id uuid, measure text, value bigint, entities bigint)`,
  );
}

/** What this part of the load adds to each group: summed up with all others when the load is over. */
export async function copyParts(
  client: PoolClient,
  { groupParts, extremeParts }: GenerationTables,
  { layout, additions }: { layout: GroupLayout; additions: Parameters<typeof identified>[0] },
): Promise<void> {
  const parts = identified(additions);
  const columns = Object.keys(layout.columns);
  const names = ['group_id', ...columns, ...layout.measures].map(quoted).join(', ');
  await copyIn(client, `${groupParts} (${names})`, {
    items: parts,
    line: ({ id, group, measures }) =>
      `${[
        id,
        ...columns.map((name) => copyText(String(group[name]))),
        ...layout.measures.map((name) => measures[name] ?? 0),
      ].join('\t')}\n`,
  });
  const counted = parts.flatMap(({ id, extremes }: IdentifiedAddition) =>
    extremes.map((extreme) => ({ id, ...extreme })),
  );
  await copyIn(client, extremeParts, {
    items: counted,
    line: ({ id, measure, value, count }) => `${id}\t${copyText(measure)}\t${value}\t${count}\n`,
  });
}

/** Sums up the parts. */
export async function gatherParts(
  client: Queryable,
  { groups, extremes, groupParts, extremeParts }: GenerationTables,
  layout: GroupLayout,
): Promise<void> {
  const columns = ['group_id', ...Object.keys(layout.columns).map(quoted)].join(', ');
  const measures = layout.measures.map(quoted);
  await client.query(
    `INSERT INTO ${groups} (${[columns, ...measures].join(', ')})
     SELECT ${[columns, ...measures.map((name) => `sum(${name})`)].join(', ')} FROM ${groupParts} GROUP BY ${columns}`,
  );
  await client.query(
    `INSERT INTO ${extremes} (group_id, measure, value, entities)
     SELECT group_id, measure, value, sum(entities) FROM ${extremeParts} GROUP BY group_id, measure, value`,
  );
  await client.query(`DROP TABLE ${groupParts}, ${extremeParts}`);
}

interface CopiedItems<Item> {
  readonly items: readonly Item[];
  readonly line: (item: Item) => string;
}

async function copyIn<Item>(
  client: PoolClient,
  into: string,
  { items, line }: CopiedItems<Item>,
): Promise<void> {
  if (items.length === 0) return;
  const sink = client.query(copy.from(`COPY ${into} FROM STDIN`));
  await pipeline(Readable.from(pages(items, line), { objectMode: false }), sink);
}

const pageItems = 2_000;

function* pages<Item>(items: readonly Item[], line: (item: Item) => string): Iterable<Buffer> {
  for (let from = 0; from < items.length; from += pageItems) {
    let page = '';
    for (const item of items.slice(from, from + pageItems)) page += line(item);
    yield Buffer.from(page);
  }
}

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** As COPY's text format has it. */
function copyText(text: string): string {
  return special.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (found) => escapes[found] ?? found) : text;
}

function copyValue(value: string | number | boolean | null): string {
  if (value === null) return '\\N';
  return typeof value === 'string' ? copyText(value) : String(value);
}

/** A text array's literal. */
