import type { DeadLetter } from '@reprise/contracts';
import { generationName } from '@reprise/view';

/** Where a record stands, and what it said of itself before anyone looked inside. */
export interface RecordPlace {
  /** `topic/partition`. */
  readonly partition: string;
  readonly offset: bigint;
  readonly key: string;
  readonly entityVersion: number | undefined;
  /** It is not the record at that offset, but what the view keeps of the entity: projecting that anew failed. */
  readonly isKept?: boolean;
}

/** A record that has to be set aside. */
export interface Refused extends RecordPlace {
  /** Its value as the log has it; null when there is none. */
  readonly value: Uint8Array | null;
  readonly code: string;
  readonly cause: string;
  readonly status: 'open' | 'waiting';
}

export interface LetterContext {
  readonly view: string;
  readonly generation: number;
  readonly nowMs: number;
  /** Version of the entity that the generation holds; 0 for none. */
  readonly appliedVersion: number;
  readonly decoded: string | null;
}

/** The same record set aside again has the same letter. */
export function letterId(view: string, generation: number, place: RecordPlace): string {
  const { partition, offset, key, isKept = false } = place;
  return `${generationName(view, generation)}/${partition}/${isKept ? `kept/${key}` : offset}`;
}

/** True for a letter about what the view keeps of an entity. */
export function isAboutKept({ letterId: id, partition, key }: DeadLetter): boolean {
  return id.endsWith(`/${partition}/kept/${key}`);
}

export function newLetter(refused: Refused, context: LetterContext): DeadLetter {
  const { partition, offset, key, entityVersion, value, code, cause, status } = refused;
  const { view, generation, nowMs, appliedVersion, decoded } = context;
  return {
    letterId: letterId(view, generation, refused),
    view,
    generation,
    partition,
    // An offset is at most 2^53 as JSON has it; a partition that long would need 285 years at a million records a second.
    offset: Number(offset),
    key,
    entityVersion: entityVersion ?? null,
    status,
    code,
    cause,
    attempts: 1,
    parkedAt: nowMs,
    record: value,
    decoded,
    appliedVersion,
    handledRequest: null,
    closedAt: null,
    closedBy: null,
    closedReason: null,
  };
}

export function isUnclosed({ status }: Pick<DeadLetter, 'status'>): boolean {
  return status === 'open' || status === 'waiting';
}

/** True when the generation holds the letter's state of the entity, or a newer one: then it has nothing to tell any more. */
export function isSuperseded(
  { entityVersion, appliedVersion }: Pick<DeadLetter, 'entityVersion' | 'appliedVersion'>,
  heldVersion: number,
): boolean {
  return entityVersion === null ? heldVersion > appliedVersion : heldVersion >= entityVersion;
}

export type Tombstone = Pick<RecordPlace, 'offset' | 'key' | 'entityVersion'>;

/** True when the letter tells of the entity as it was before the tombstone. */
export function isErasedBy(
  { offset, entityVersion }: Tombstone,
  { entityVersion: told, offset: place }: Pick<DeadLetter, 'entityVersion' | 'offset'>,
): boolean {
  return told === null || entityVersion === undefined ? BigInt(place) < offset : told <= entityVersion;
}

export interface Closing {
  readonly status: 'redriven' | 'superseded' | 'discarded';
  readonly nowMs: number;
  readonly by: string;
  readonly reason: string;
  readonly request?: string;
}

export function closed(letter: DeadLetter, { status, nowMs, by, reason, request }: Closing): DeadLetter {
  return {
    ...letter,
    status,
    closedAt: nowMs,
    closedBy: by,
    closedReason: reason,
    handledRequest: request ?? letter.handledRequest,
  };
}
