import type { Claim, ClaimedValue } from '../claim-book.js';
import { columns, type Queryable } from './queryable.js';

export async function readClaims(client: Queryable, values: readonly ClaimedValue[]): Promise<Claim[]> {
  const { rows } = await client.query<Claim>(
    `SELECT c.stream, c.rule, c.value, c.key FROM claim c
     JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted(stream, rule, value) USING (stream, rule, value)`,
    columns(values, ['stream', 'rule', 'value']),
  );
  return rows;
}

export async function deleteClaims(client: Queryable, claims: readonly Claim[]): Promise<void> {
  await client.query(
    `DELETE FROM claim c USING unnest($1::text[], $2::text[], $3::text[]) AS gone(stream, rule, key)
     WHERE c.stream = gone.stream AND c.rule = gone.rule AND c.key = gone.key`,
    columns(claims, ['stream', 'rule', 'key']),
  );
}

/** How many were inserted: fewer than given when another transaction took one of them in between. */
export async function insertClaims(client: Queryable, claims: readonly Claim[]): Promise<number> {
  const result = await client.query(
    `INSERT INTO claim (stream, rule, value, key)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`,
    columns(claims, ['stream', 'rule', 'value', 'key']),
  );
  return result.rowCount ?? 0;
}

/** Entities of a stream that exist; nobody changes any until the transaction ends. */
export async function lockStates(
  client: Queryable,
  stream: string,
): Promise<{ readonly key: string; readonly state: unknown }[]> {
  await client.query('LOCK TABLE entity IN SHARE ROW EXCLUSIVE MODE');
  const { rows } = await client.query<{ key: string; state: unknown }>(
    'SELECT key, state FROM entity WHERE stream = $1 AND state IS NOT NULL ORDER BY key',
    [stream],
  );
  return rows;
}

/** True when the rule was not in force before: now it is. */
export async function enforceRule(
  client: Queryable,
  { stream, rule }: Pick<ClaimedValue, 'stream' | 'rule'>,
): Promise<boolean> {
  const result = await client.query(
    'INSERT INTO claim_rule (stream, rule) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [stream, rule],
  );
  return result.rowCount === 1;
}

/** No rule is in force any more, and nothing is claimed. */
export async function forgetRules(client: Queryable): Promise<void> {
  await client.query('DELETE FROM claim');
  await client.query('DELETE FROM claim_rule');
}
