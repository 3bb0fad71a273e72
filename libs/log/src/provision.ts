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
 * a key would have records in two partitions) or holds records of another retention, `contract-refused` when a schema would break a reader, past or future,
 * `registry-unavailable` when it does not answer within a minute.
 */
export async function provisionStreams(
  streams: Readonly<Record<string, StreamContract<unknown>>>,
  target: Omit<LogConnection, 'clientId'>,
): Promise<void> {
  const connection: LogConnection = { ...target, clientId: 'reprise-provision' };
  const contracts = Object.values(streams);
  const admin = connectKafka(connection).admin();
  await admin.connect();
  try {
    const untilMs = performance.now() + patienceMs;
    await whileAway(() => provisionTopics(admin, contracts), { goOn: () => performance.now() < untilMs });
  } finally {
    await admin.disconnect();
  }
  for (const contract of contracts) await register(contract, connection);
}

/** A registry that starts, or is busy, answers in the end; and every broker hears of a topic that was just created. */
const patienceMs = 60_000;

/** @throws CodedError `log-unavailable` when the broker that was asked does not know a topic, or its leader, yet. */
async function provisionTopics(admin: Admin, contracts: readonly StreamContract<unknown>[]): Promise<void> {
  try {
    await createTopics(admin, contracts);
    await verifyPartitions(admin, contracts);
    await verifyKeepsAll(admin, contracts);
    await alignSettings(admin, contracts);
  } catch (cause) {
    if (!(cause instanceof kafkajs.KafkaJSProtocolError && cause.retriable)) throw cause;
    throw logError('log-unavailable', `topics cannot be provisioned yet: ${messageOf(cause)}`, cause);
  }
}

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

const { TOPIC } = kafkajs.ConfigResourceTypes;
const cleanup = 'cleanup.policy';

/**
 * A topic that kept every record has many under one key: compacted from now on, it would lose all but the newest of them.
 */
async function verifyKeepsAll(admin: Admin, contracts: readonly StreamContract<unknown>[]): Promise<void> {
  const compacted = contracts.filter(({ settings }) => settings[cleanup] === 'compact');
  if (compacted.length === 0) return;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: compacted.map(({ topic: name }) => ({ type: TOPIC, name, configNames: [cleanup] })),
  });
  for (const { resourceName: topic, configEntries } of resources) {
    const policy = configEntries.find(({ configName }) => configName === cleanup)?.configValue;
    if (policy === 'compact' || (await isEmpty(admin, topic))) continue;
    throw logError(
      'stream-differs',
      `topic ${topic} holds records and has ${cleanup}=${policy}, its contract declares compact: copy it to a new stream`,
    );
  }
}

async function isEmpty(admin: Admin, topic: string): Promise<boolean> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.every(({ low, high }) => low === high);
}

async function alignSettings(admin: Admin, contracts: readonly StreamContract<unknown>[]): Promise<void> {
  await admin.alterConfigs({
    validateOnly: false,
    resources: contracts.map(({ topic, settings }) => ({
      type: TOPIC,
      name: topic,
      configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
    })),
  });
}

/** Every published version, oldest first, so that a new environment has the whole history. */
async function register(contract: StreamContract<unknown>, connection: LogConnection): Promise<void> {
  const { schema, earlierSchemas = [] } = contract;
  const registry = openRegistry(connection);
  const untilMs = performance.now() + patienceMs;
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
