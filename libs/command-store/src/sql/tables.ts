import type { Pool } from 'pg';
import { inTransaction } from './in-transaction.js';

const statements = [
  `CREATE TABLE IF NOT EXISTS entity (
     stream text NOT NULL, key text NOT NULL, version bigint NOT NULL, state jsonb,
     PRIMARY KEY (stream, key))`,
  // The outbox ids of the newest record in each of the entity's topics: who asks where it landed asks by these.
  `ALTER TABLE entity ADD COLUMN IF NOT EXISTS records bigint[] NOT NULL DEFAULT '{}'`,
  `CREATE TABLE IF NOT EXISTS command (
     command_id text PRIMARY KEY, outcome jsonb NOT NULL, executed_at timestamptz NOT NULL DEFAULT now())`,
  'ALTER TABLE command ADD COLUMN IF NOT EXISTS fingerprint text',
  'ALTER TABLE command ADD COLUMN IF NOT EXISTS operation_id uuid',
  'CREATE INDEX IF NOT EXISTS command_by_age ON command (executed_at)',
  `CREATE TABLE IF NOT EXISTS claim (
     stream text NOT NULL, rule text NOT NULL, value text NOT NULL, key text NOT NULL,
     PRIMARY KEY (stream, rule, value), UNIQUE (stream, rule, key))`,
  // The rules in force: every entity that is there holds what it claims by them.
  `CREATE TABLE IF NOT EXISTS claim_rule (stream text NOT NULL, rule text NOT NULL, PRIMARY KEY (stream, rule))`,
  `CREATE TABLE IF NOT EXISTS outbox (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     topic text NOT NULL, key text NOT NULL, value bytea, headers jsonb NOT NULL)`,
  'ALTER TABLE outbox ADD COLUMN IF NOT EXISTS stored_at timestamptz NOT NULL DEFAULT now()',
  // Version of the event that a record of a history keeps; null for a record that stands for the entity itself.
  'ALTER TABLE outbox ADD COLUMN IF NOT EXISTS event bigint',
  // A queue: most of its rows are dead soon, so it is vacuumed early and often.
  'ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000)',
  `CREATE TABLE IF NOT EXISTS operation (
     id uuid PRIMARY KEY, stream text NOT NULL, key text NOT NULL, actor text NOT NULL, correlation_id text NOT NULL,
     asked_at timestamptz NOT NULL DEFAULT now(), outcome jsonb NOT NULL, records bigint[] NOT NULL,
     position text)`,
  'CREATE INDEX IF NOT EXISTS operation_by_age ON operation (asked_at)',
  `CREATE TABLE IF NOT EXISTS callback (
     operation_id uuid PRIMARY KEY REFERENCES operation ON DELETE CASCADE, url text NOT NULL,
     state text NOT NULL DEFAULT 'waiting', attempts integer NOT NULL DEFAULT 0,
     next_attempt_at timestamptz NOT NULL DEFAULT now(), last_failure text)`,
  // Nobody selects by what is in these, and to analyze documents costs more than all else that is done to them.
  ...['entity.state', 'command.outcome', 'operation.outcome', 'outbox.value', 'outbox.headers'].map(
    (column) => {
      const [table, name] = column.split('.');
      return `ALTER TABLE ${table} ALTER COLUMN ${name} SET STATISTICS 0`;
    },
  ),
  `CREATE INDEX IF NOT EXISTS callback_due ON callback (next_attempt_at) WHERE state = 'waiting'`,
];

/** Makes what is missing, and brings tables of an earlier version up to date. */
export async function createTables(pool: Pool): Promise<void> {
  // One session at a time: concurrent CREATE … IF NOT EXISTS can still collide.
  await inTransaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('reprise_command_store'))");
    for (const statement of statements) await client.query(statement);
  });
}
