import { randomBytes } from 'node:crypto';
/** Where the engines of this test run are. `npm test` starts them and says so in the environment. */
export interface TestConnections {
  readonly kafkaBrokers: readonly string[];
  readonly registryUrl: string;
  /** Superuser, database `postgres`. */
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly elasticsearchUrl: string;
  /** First port that tests may use for servers of their own. */
  readonly portBase: number;
  /** A folder that this run may write to; it is wiped at the start of the next. */
  readonly stateDir: string;
}

/** @throws Error when the tests were not started by `npm test`. */
export function testConnections(): TestConnections {
  return {
    kafkaBrokers: variable('KAFKA_BROKERS').split(','),
    registryUrl: variable('REGISTRY_URL'),
    postgresUrl: variable('POSTGRES_URL'),
    redisUrl: variable('REDIS_URL'),
    elasticsearchUrl: variable('ELASTICSEARCH_URL'),
    portBase: Number(variable('PORT_BASE')),
    stateDir: variable('STATE_DIR'),
  };
}

function variable(name: string): string {
  const value = process.env[`REPRISE_TEST_${name}`];
  if (value === undefined)
    throw new Error(`REPRISE_TEST_${name} is not set: run the tests by npm test, which starts the engines`);
  return value;
}

/** A name that no other test of this run uses: lower-case letters, digits and `_`. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}
