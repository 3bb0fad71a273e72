import type { DeadLetter, Envelope } from '@reprise/contracts';
import { CodedError, messageOf } from '@reprise/kernel';
import type { RecordPlace, Refused } from '../letters/letter.js';

/** A record as the log has it, with what could be made of it. */
export interface Told extends RecordPlace {
  readonly value: Uint8Array | null;
  readonly content: Content;
}

/** gone: a tombstone. */
export type Content =
  | { readonly kind: 'fact'; readonly fact: Envelope<unknown> }
  | { readonly kind: 'gone' }
  | { readonly kind: 'undecodable'; readonly cause: string };

export type Decode = (value: Uint8Array) => Promise<Envelope<unknown>>;

/** @throws CodedError when the registry cannot be asked; a record that cannot be decoded is an answer. */
export async function tell(
  record: RecordPlace & { readonly value: Uint8Array | null },
  decode: Decode,
): Promise<Told> {
  return { ...placeOfRecord(record), value: record.value, content: await contentOf(record.value, decode) };
}

async function contentOf(value: Uint8Array | null, decode: Decode): Promise<Content> {
  if (value === null) return { kind: 'gone' };
  try {
    return { kind: 'fact', fact: await decode(value) };
  } catch (failure) {
    if (!(failure instanceof CodedError) || failure.decision !== 'set-aside') throw failure;
    return { kind: 'undecodable', cause: messageOf(failure) };
  }
}

/** The version that the record tells: by its content, else by its header. */
export function versionOf({ content, entityVersion }: Told): number | undefined {
  return content.kind === 'fact' ? content.fact.version : entityVersion;
}

export function refusedAs(
  told: Told,
  { code, cause, status = 'open' }: Pick<Refused, 'code' | 'cause'> & Partial<Pick<Refused, 'status'>>,
): Refused {
  const { value } = told;
  return { ...placeOfRecord(told), entityVersion: versionOf(told), value, code, cause, status };
}

function placeOfRecord({ partition, offset, key, entityVersion, isKept = false }: RecordPlace): RecordPlace {
  return { partition, offset, key, entityVersion, isKept };
}

/** A dead letter as the record that it was. */
export function toldOf(letter: DeadLetter, decode: Decode): Promise<Told> {
  const { partition, offset, key, entityVersion, record } = letter;
  const place = { partition, offset: BigInt(offset), key, entityVersion: entityVersion ?? undefined };
  return tell({ ...place, value: record }, decode);
}
