export type { AvroField, AvroRecordSchema, AvroSchema, Envelope, StreamContract, Upcast } from './stream.js';
export { isRecordSchema, readerSchema, stateSchema } from './reader-schema.js';
export { eventHeaders, header, type EventHeaderInput, type Provenance } from './headers.js';
export * from './generated/streams.js';
