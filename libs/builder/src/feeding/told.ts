import type { DeadLetter, Envelope } from '@reprise/contracts';
import { callsFor, messageOf } from '@reprise/kernel';
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

/** At once where it can be: most records need nobody to be asked. @throws CodedError, or fails with it. */
export type Decode = (value: Uint8Array) => Envelope<unknown> | Promise<Envelope<unknown>>;

/** @throws CodedError when the registry cannot be asked, or fails with it; a record that cannot be decoded is an answer. */
export function tell(
  record: RecordPlace & { readonly value: Uint8Array | null },
  decode: Decode,
): Told | Promise<Told> {
  const content = contentOf(record.value, decode);
  return content instanceof Promise
    ? content.then((decoded) => toldAs(record, decoded))
    : toldAs(record, content);
}

function toldAs(
  { partition, offset, key, entityVersion, isKept = false, value }: Parameters<typeof tell>[0],
  content: Content,
): Told {
  return { partition, offset, key, entityVersion, isKept, value, content };
}

function contentOf(value: Uint8Array | null, decode: Decode): Content | Promise<Content> {
  if (value === null) return { kind: 'gone' };
  try {
    const fact = decode(value);
    return fact instanceof Promise ? fact.then(asFact, undecodable) : asFact(fact);
  } catch (failure) {
    return undecodable(failure);
  }
}

function asFact(fact: Envelope<unknown>): Content {
  return { kind: 'fact', fact };
}

function undecodable(failure: unknown): Content {
  if (!callsFor(failure, 'set-aside')) throw failure;
  return { kind: 'undecodable', cause: messageOf(failure) };
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
export function toldOf(letter: DeadLetter, decode: Decode): Told | Promise<Told> {
  const { partition, offset, key, entityVersion, record } = letter;
  const place = { partition, offset: BigInt(offset), key, entityVersion: entityVersion ?? undefined };
  return tell({ ...place, value: record }, decode);
}
