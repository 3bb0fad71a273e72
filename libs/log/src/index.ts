export { StreamDecoder, StreamEncoder, readerSchema } from './codec.js';
export type { LogConnection } from './connection.js';
export { LogAdmin } from './offsets.js';
export {
  PartitionReader,
  type ChunkOutcome,
  type PartitionHandler,
  type PartitionReaderOptions,
  type RecordChunk,
} from './partition-reader.js';
export { LogProducer, type LogRecord } from './producer.js';
export { provisionStreams } from './provision.js';
export type { ReadRecord } from './records.js';
export { StreamTail, type StreamTailOptions, type TailRecord } from './stream-tail.js';
