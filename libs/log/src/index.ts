export { StreamDecoder, StreamEncoder, type EntityState } from './codec.js';
export type { LogConnection } from './connection.js';
export { LogAdmin } from './offsets.js';
export { LogScanner, type LogWindow, type ScannedRecord } from './log-scanner.js';
export {
  farBehindRecords,
  FetchSequencer,
  type ChunkOutcome,
  type Fetch,
  type FetchSession,
  type PartitionHandler,
  type RecordChunk,
} from './fetch-sequencer.js';
export { PartitionReader, type PartitionReaderOptions } from './partition-reader.js';
export { LogProducer, type LogRecord } from './producer.js';
export { partitionOf } from './partitioner.js';
export { provisionStreams } from './provision.js';
export type { RecordPlace } from './record-places.js';
export type { ReadRecord } from './records.js';
export { SchemaReader, typeOf } from './schema-reader.js';
export { StreamTail, type StreamTailOptions, type TailRecord } from './stream-tail.js';
export { whileAway } from './while-away.js';
