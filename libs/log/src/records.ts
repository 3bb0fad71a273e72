import { header } from '@reprise/contracts';
import type { KafkaMessage } from 'kafkajs';

/** One record as it was read. `value` null is a tombstone. */
export interface ReadRecord {
  readonly offset: bigint;
  readonly key: string;
  readonly value: Buffer | null;
  /** The entity's version by the record's header; undefined when a foreign producer wrote none. */
  readonly entityVersion: number | undefined;
  /** Epoch milliseconds, as the broker has it. */
  readonly timestampMs: number;
}

export function readRecord({ offset, key, value, headers, timestamp }: KafkaMessage): ReadRecord {
  const version = Number(headers?.[header.entityVersion]?.toString());
  return {
    offset: BigInt(offset),
    key: key?.toString() ?? '',
    value,
    entityVersion: Number.isSafeInteger(version) && version > 0 ? version : undefined,
    timestampMs: Number(timestamp),
  };
}
