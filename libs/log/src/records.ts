import { header } from '@reprise/contracts';
import type { KafkaMessage } from 'kafkajs';
import { entityOf } from './record-key.js';

/** One record as it was read. `value` null is a tombstone. */
export interface ReadRecord {
  readonly offset: bigint;
  /** The entity's. */
  readonly key: string;
  readonly value: Buffer | null;
  /** The entity's version by the record's header; undefined when a foreign producer wrote none. */
  readonly entityVersion: number | undefined;
  /** Epoch milliseconds, as the broker has it. */
  readonly timestampMs: number;
}

export function readRecord(message: KafkaMessage): ReadRecord {
  return new MessageRecord(message);
}

/** Of most records only the key and the version are ever looked at: the rest is read when it is asked for. */
class MessageRecord implements ReadRecord {
  readonly key: string;
  readonly entityVersion: number | undefined;

  constructor(private readonly message: KafkaMessage) {
    this.key = entityOf((message.keyText ? message.keyText() : message.key?.toString()) ?? '');
    this.entityVersion = entityVersionOf(message);
  }

  get offset(): bigint {
    return this.message.offsetValue ?? BigInt(this.message.offset);
  }

  get value(): Buffer | null {
    return this.message.value;
  }

  get timestampMs(): number {
    return this.message.timestampMs ?? Number(this.message.timestamp);
  }
}

/** The version by the record's header; undefined when there is none, or it is no version. */
function entityVersionOf(message: KafkaMessage): number | undefined {
  const { buffer, headersAt = 0 } = message;
  const version = buffer
    ? versionIn(buffer, headersAt)
    : Number(message.headers?.[header.entityVersion]?.toString());
  return Number.isSafeInteger(version) && version > 0 ? version : undefined;
}

const wanted = Buffer.from(header.entityVersion);

/** Of a dozen headers this is the only one that every record is asked for: the others are stepped over. NaN: not there. */
function versionIn(raw: Buffer, headersAt: number): number {
  const cursor = { at: headersAt };
  for (let left = readVarint(raw, cursor); left > 0; left -= 1) {
    const keyLength = readVarint(raw, cursor);
    const isWanted = keyLength === wanted.length && isWantedAt(raw, cursor.at);
    cursor.at += keyLength;
    const valueLength = readVarint(raw, cursor);
    if (isWanted) return digitsAt(raw, cursor.at, valueLength);
    cursor.at += Math.max(0, valueLength);
  }
  return NaN;
}

/** Byte by byte, from the end where names differ: a call out of the language takes longer than so few. */
function isWantedAt(raw: Buffer, at: number): boolean {
  for (let place = wanted.length - 1; place >= 0; place -= 1)
    if (raw[at + place] !== wanted[place]) return false;
  return true;
}

/** A number of decimal digits. NaN: it is anything else. */
function digitsAt(raw: Buffer, at: number, length: number): number {
  if (length <= 0) return NaN;
  let value = 0;
  for (let place = at; place < at + length; place += 1) {
    const digit = (raw[place] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Zigzag, as Kafka's record format has it. */
function readVarint(raw: Buffer, cursor: { at: number }): number {
  let value = 0;
  let shift = 0;
  let byte: number;
  do {
    byte = raw[cursor.at] ?? 0;
    cursor.at += 1;
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte > 0x7f);
  return (value >>> 1) ^ -(value & 1);
}
