import { z } from 'zod';
import type { ComposeProject } from './compose-project.js';

const partitionState = z.object({
  topic: z.string(),
  partition: z.int(),
  leader: z.int(),
  replicas: z.int(),
  inSync: z.int(),
  minInSync: z.int(),
});
export type PartitionState = z.infer<typeof partitionState>;

/** Asked in a container, as brokers are reached by their names there only. */
const script = `
import kafkajs from 'kafkajs';
const { ConfigResourceTypes, Kafka, logLevel } = kafkajs;
const brokers = process.env.REPRISE_KAFKA_BROKERS.split(',');
const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
await admin.connect();
const { topics } = await admin.fetchTopicMetadata();
const type = ConfigResourceTypes.TOPIC;
const asked = topics.map(({ name }) => ({ type, name, configNames: ['min.insync.replicas'] }));
const { resources } = await admin.describeConfigs({ resources: asked, includeSynonyms: false });
const least = new Map(resources.map((one) => [one.resourceName, Number(one.configEntries[0]?.configValue)]));
const states = topics.flatMap(({ name, partitions }) =>
  partitions.map(({ partitionId, leader, replicas, isr }) => ({
    topic: name, partition: partitionId, leader,
    replicas: replicas.length, inSync: isr.length, minInSync: least.get(name),
  })),
);
console.log(JSON.stringify(states));
await admin.disconnect();
`;

/** Every partition of every topic, also of Kafka's own and of the registry's. */
export async function partitionsOf(project: ComposeProject): Promise<readonly PartitionState[]> {
  const node = ['node', '--input-type=module', '--eval', script];
  const printed = await project.compose(['exec', '-T', '--workdir=/app/libs/log', 'control-plane', ...node]);
  return z.array(partitionState).parse(JSON.parse(printed));
}
