export type { AvroField, AvroRecordSchema, AvroSchema, Envelope, StreamContract } from './stream.js';
export { eventHeaders, header, type EventHeaderInput, type Provenance } from './headers.js';
export * from './generated/streams.js';
