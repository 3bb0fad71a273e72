import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

export interface PgbenchOptions {
  /** Of the write store, as its superuser. */
  readonly databaseUrl: string;
  readonly clients: number;
  readonly seconds: number;
  /** For the script that pgbench runs. */
  readonly folder: string;
}

const schema = 'yardstick';

/**
 * Makes empty copies of the write store's tables, and returns a transaction that writes the rows of one command into them: those
 * of the first that waits in the outbox.
 * @throws Error when none waits.
 */
export async function yardstickScript(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.query(`CREATE SCHEMA ${schema}`);
    for (const table of ['entity', 'outbox', 'operation'])
      await client.query(`CREATE TABLE ${schema}.${table} (LIKE public.${table} INCLUDING ALL)`);
    const { rows: waiting } = await client.query<OutboxSample>(
      `SELECT topic, key, encode(value, 'hex') AS value, headers::text FROM public.outbox
       WHERE key = (SELECT key FROM public.outbox ORDER BY id LIMIT 1) ORDER BY id`,
    );
    const { rows: entities } = await client.query<{ state: string }>(
      "SELECT state::text FROM public.entity WHERE stream = 'flight' AND key = $1",
      [waiting[0]?.key],
    );
    const { rows: operations } = await client.query<OperationSample>(
      `SELECT actor, correlation_id AS "correlationId", outcome::text FROM public.operation WHERE stream = 'flight' AND key = $1`,
      [waiting[0]?.key],
    );
    const [[entity], [operation]] = [entities, operations];
    if (!entity || !operation) throw new Error('no command waits in the outbox');
    return scriptOf(client, { state: entity.state, operation, waiting });
  } finally {
    await client.end();
  }
}

/**
 * Transactions a second of pgbench with this script: nothing is decided, encoded or asked by HTTP.
 * @throws Error when there is no pgbench on the path.
 */
export async function pgbenchRate(script: string, options: PgbenchOptions): Promise<number> {
  const path = join(options.folder, 'yardstick.sql');
  writeFileSync(path, script);
  try {
    return rateIn(await run(path, options));
  } finally {
    rmSync(path, { force: true });
  }
}

interface OutboxSample {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: string;
}

interface OperationSample {
  readonly actor: string;
  readonly correlationId: string;
  readonly outcome: string;
}

interface Sample {
  readonly state: string;
  readonly operation: OperationSample;
  readonly waiting: readonly OutboxSample[];
}

function scriptOf(client: pg.Client, { state, operation, waiting }: Sample): string {
  const key = `'bench-' || :client_id || '-' || :number`;
  const text = (value: string): string => client.escapeLiteral(value);
  const lines = waiting.map(
    ({ topic, value, headers }) =>
      `(${text(topic)}, ${key}, decode(${text(value)}, 'hex'), ${text(headers)}::jsonb)`,
  );
  // pgbench reads a colon before a letter as a variable of its own.
  const safe = (sql: string): string => sql.replaceAll(/:(?=[A-Za-z])(?!client_id|number|jsonb)/g, ': ');
  return [
    String.raw`\set number random(1, 2000000000)`,
    'BEGIN;',
    `SELECT stream, key, version, state FROM ${schema}.entity WHERE stream = 'flight' AND key = ${key} FOR UPDATE;`,
    safe(
      `INSERT INTO ${schema}.entity VALUES ('flight', ${key}, 1, ${text(state)}::jsonb) ON CONFLICT DO NOTHING;`,
    ),
    safe(`INSERT INTO ${schema}.outbox (topic, key, value, headers) VALUES ${lines.join(', ')};`),
    safe(
      `INSERT INTO ${schema}.operation (id, stream, key, actor, correlation_id, outcome, records)
       VALUES (gen_random_uuid(), 'flight', ${key}, ${text(operation.actor)}, ${text(operation.correlationId)},
         ${text(operation.outcome)}::jsonb, ARRAY[1, 2]);`.replaceAll(/\s+/g, ' '),
    ),
    'NOTIFY reprise_yardstick;',
    'COMMIT;',
    '',
  ].join('\n');
}

function run(path: string, { databaseUrl, clients, seconds }: PgbenchOptions): Promise<string> {
  const args = [
    '-n',
    '-M',
    'prepared',
    '-f',
    path,
    '-c',
    `${clients}`,
    '-j',
    '2',
    '-T',
    `${seconds}`,
    databaseUrl,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('pgbench', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
    child.on('error', () => {
      reject(new Error('there is no pgbench on the path: it comes with the clients of PostgreSQL'));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`pgbench ended with ${code}: ${errors.slice(-500)}`));
    });
  });
}

function rateIn(output: string): number {
  const rate = /^tps = ([\d.]+)/m.exec(output)?.[1];
  if (rate === undefined) throw new Error(`pgbench told no rate: ${output.slice(-500)}`);
  return Number(rate);
}
