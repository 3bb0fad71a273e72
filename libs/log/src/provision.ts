import { COMPATIBILITY, SchemaType } from '@kafkajs/confluent-schema-registry';
import type { StreamContract } from '@reprise/contracts';
import { messageOf } from '@reprise/kernel';
import kafkajs, { type Admin } from 'kafkajs';
import { openRegistry } from './codec.js';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { whileAway } from './while-away.js';

/**
 * Creates the topics of these streams and registers their contracts with compatibility FULL_TRANSITIVE. Does nothing for
 * what is there already; settings of existing topics are brought in line.
 *
 * @throws CodedError `stream-differs` when a topic has another number of partitions than declared (it can never grow:
 * a key would have records in two partitions), `contract-refused` when a schema would break a reader, past or future,
 * `registry-unavailable` when it does not answer within a minute.
 */
export async function provisionStreams(
  streams: Readonly<Record<string, StreamContract<unknown>>>,
  target: Pick<LogConnection, 'brokers' | 'registryUrl'>,
): Promise<void> {
  const connection: LogConnection = { ...target, clientId: 'reprise-provision' };
  const contracts = Object.values(streams);
  const admin = connectKafka(connection).admin();
  await admin.connect();
  try {
    await createTopics(admin, contracts);
    await verifyPartitions(admin, contracts);
    await alignSettings(admin, contracts);
  } finally {
    await admin.disconnect();
  }
  for (const contract of contracts) await register(contract, connection);
}

/** A registry that starts, or is busy, answers in the end. */
const registryPatienceMs = 60_000;

async function createTopics(admin: Admin, contracts: readonly StreamContract<unknown>[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const topics = contracts
    .filter(({ topic }) => !existing.has(topic))
    .map(({ topic, partitions, settings }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: -1,
      configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
    }));
  if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
}

async function verifyPartitions(admin: Admin, contracts: readonly StreamContract<unknown>[]): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: contracts.map(({ topic }) => topic) });
  for (const { name, partitions } of topics) {
    const declared = contracts.find(({ topic }) => topic === name)?.partitions;
    if (declared === partitions.length) continue;
    throw logError(
      'stream-differs',
      `topic ${name} has ${partitions.length} partitions, its contract declares ${declared}: copy it to a new stream`,
    );
  }
}

async function alignSettings(admin: Admin, contracts: readonly StreamContract<unknown>[]): Promise<void> {
  await admin.alterConfigs({
    validateOnly: false,
    resources: contracts.map(({ topic, settings }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: topic,
      configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
    })),
  });
}

/** Every published version, oldest first, so that a new environment has the whole history. */
async function register(contract: StreamContract<unknown>, connection: LogConnection): Promise<void> {
  const { schema, earlierSchemas = [] } = contract;
  const registry = openRegistry(connection);
  const untilMs = performance.now() + registryPatienceMs;
  for (const [index, version] of [...earlierSchemas, schema].entries())
    await whileAway(() => registerVersion(registry, contract, { number: index + 1, schema: version }), {
      goOn: () => performance.now() < untilMs,
    });
}

async function registerVersion(
  registry: ReturnType<typeof openRegistry>,
  { name, subject }: StreamContract<unknown>,
  { number, schema }: { number: number; schema: StreamContract<unknown>['schema'] },
): Promise<void> {
  try {
    await registry.register(
      { type: SchemaType.AVRO, schema: JSON.stringify(schema) },
      { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE },
    );
  } catch (cause) {
    const what = `version ${number} of stream ${name} under subject ${subject}`;
    if (isAway(cause)) throw logError('registry-unavailable', `${what} could not be registered`, cause);
    throw logError('contract-refused', `the registry refuses ${what}: ${messageOf(cause)}`);
  }
}

/** Nothing was said about the schema: no answer at all, or one that tells of the registry's own failure. */
function isAway(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('status' in cause)) return false;
  const status = Number(cause.status);
  // The client calls it a bad request when no answer came in time.
  return status < 400 || status >= 500 || /Timeout \(\d+ms\)$/.test(cause.message);
}
