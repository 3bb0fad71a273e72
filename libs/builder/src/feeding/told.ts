import type { DeadLetter } from '@reprise/contracts';
import { callsFor, messageOf } from '@reprise/kernel';
import type { EntityState } from '@reprise/log';
import type { RecordPlace, Refused } from '../letters/letter.js';

/** A record as the log has it, with what could be made of it: of a view that folds events all of each, else only its state. */
export interface Told<Decoded extends EntityState = EntityState> extends RecordPlace {
  readonly value: Uint8Array | null;
  readonly content: Content<Decoded>;
}

/** gone: a tombstone. */
export type Content<Decoded extends EntityState = EntityState> =
  | { readonly kind: 'fact'; readonly fact: Decoded }
  | { readonly kind: 'gone' }
  | { readonly kind: 'undecodable'; readonly cause: string };

/** At once where it can be: most records need nobody to be asked. @throws CodedError, or fails with it. */
export type Decode<Decoded extends EntityState = EntityState> = (
  value: Uint8Array,
) => Decoded | Promise<Decoded>;

/** @throws CodedError when the registry cannot be asked, or fails with it; a record that cannot be decoded is an answer. */
export function tell<Decoded extends EntityState>(
  record: RecordPlace & { readonly value: Uint8Array | null },
  decode: Decode<Decoded>,
): Told<Decoded> | Promise<Told<Decoded>> {
  const content = contentOf(record.value, decode);
  return content instanceof Promise
    ? content.then((decoded) => toldAs(record, decoded))
    : toldAs(record, content);
}

function toldAs<Decoded extends EntityState>(
  { partition, offset, key, entityVersion, isKept = false, value }: Parameters<typeof tell>[0],
  content: Content<Decoded>,
): Told<Decoded> {
  return { partition, offset, key, entityVersion, isKept, value, content };
}

function contentOf<Decoded extends EntityState>(
  value: Uint8Array | null,
  decode: Decode<Decoded>,
): Content<Decoded> | Promise<Content<Decoded>> {
  if (value === null) return { kind: 'gone' };
  try {
    const fact = decode(value);
    return fact instanceof Promise ? fact.then(asFact<Decoded>, undecodable) : asFact(fact);
  } catch (failure) {
    return undecodable(failure);
  }
}

function asFact<Decoded extends EntityState>(fact: Decoded): Content<Decoded> {
  return { kind: 'fact', fact };
}

function undecodable(failure: unknown): Extract<Content, { kind: 'undecodable' }> {
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
export function toldOf<Decoded extends EntityState>(
  letter: DeadLetter,
  decode: Decode<Decoded>,
): Told<Decoded> | Promise<Told<Decoded>> {
  const { partition, offset, key, entityVersion, record } = letter;
  const place = { partition, offset: BigInt(offset), key, entityVersion: entityVersion ?? undefined };
  return tell({ ...place, value: record }, decode);
}
