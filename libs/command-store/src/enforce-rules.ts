import type pg from 'pg';
import { claimsOf, type Claim } from './claim-book.js';
import type { EntityType } from './entity.js';
import { commandStoreError } from './errors.js';
import { inTransaction } from './sql/in-transaction.js';
import { enforceRule, insertClaims, lockStates, readClaims } from './sql/claims.js';

/**
 * Puts rules that are new into force: what entities are there already hold what they claim from now on.
 * @throws CodedError `rule-violated` naming two that claim the same; nothing is in force then.
 */
export async function enforceRules(pool: pg.Pool, entities: readonly EntityType<never>[]): Promise<void> {
  for (const entity of entities) {
    if (entity.unique.length === 0) continue;
    await inTransaction(pool, (client) => enforceRulesOf(client, entity));
  }
}

/** In an open transaction. @throws as {@link enforceRules}. */
export async function enforceRulesOf(client: pg.PoolClient, entity: EntityType<never>): Promise<void> {
  const fresh = new Set<string>();
  const stream = entity.contract.name;
  for (const { name: rule } of entity.unique)
    if (await enforceRule(client, { stream, rule })) fresh.add(rule);
  if (fresh.size === 0) return;
  const claims = (await lockStates(client, stream))
    .flatMap(({ key, state }) => claimsOf(entity, key, state))
    .filter(({ rule }) => fresh.has(rule));
  for (const claim of claims) await enforceClaim(client, claim);
}

async function enforceClaim(client: pg.PoolClient, claim: Claim): Promise<void> {
  if ((await insertClaims(client, [claim])) === 1) return;
  const [holder] = await readClaims(client, [claim]);
  throw commandStoreError(
    'rule-violated',
    `${claim.stream} ${claim.key} and ${holder?.key} have the same ${claim.rule}: change one of them first`,
  );
}
