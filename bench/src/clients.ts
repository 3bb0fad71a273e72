/** A yardstick is what one would write without the platform: it takes the clients itself, and only through here. */
// eslint-disable-next-line no-restricted-imports -- see above
export { Client as ElasticsearchClient } from '@elastic/elasticsearch';
// eslint-disable-next-line no-restricted-imports -- see above
export { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
// eslint-disable-next-line no-restricted-imports -- see above
export { default as avro } from 'avsc';
// eslint-disable-next-line no-restricted-imports -- see above
export { Redis } from 'ioredis';
// eslint-disable-next-line no-restricted-imports -- see above
export { Kafka, logLevel, type Admin } from 'kafkajs';
/** As published: the other one is patched, as the platform has it. */
export { Kafka as PublishedKafka, logLevel as publishedLogLevel } from 'kafkajs-published';
