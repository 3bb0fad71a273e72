import { messageOf } from '@reprise/kernel';
import {
  newestPerEntity,
  type Contributed,
  type Contribution,
  type EntityRecord,
  type Projector,
} from '@reprise/view';
import type { Refused } from '../letters/letter.js';
import { refusedAs, versionOf, type Content, type Told } from './told.js';

/** An entity that is to be projected and applied. */
export interface Candidate extends EntityRecord {
  /** The records that it comes from: set aside, should it be neither projectable nor storable. */
  readonly told: readonly Told[];
  /** Ids of dead letters that are put through again with it. */
  readonly redriven: readonly string[];
}

/** What a chunk comes to before anything is written. */
export interface Prepared {
  readonly candidates: ReadonlyMap<string, Candidate>;
  readonly refused: readonly Refused[];
  /** What the candidates contributed so far, where that had to be read. */
  readonly prior?: ReadonlyMap<string, Contributed>;
}

/**
 * The newest state of each entity. A record that cannot be decoded is set aside, unless a newer one of the same chunk
 * carries the full state of its entity.
 */
export function newestStates(records: readonly Told[]): Prepared {
  const told: Candidate[] = [];
  const undecodable: Undecodable[] = [];
  for (const record of records) {
    const { content } = record;
    if (content.kind === 'undecodable') undecodable.push({ record, cause: content.cause });
    else told.push(candidateOf(record, content));
  }
  const candidates = newestPerEntity(told);
  const refused = undecodable
    .filter(({ record }) => {
      const newest = candidates.get(record.key);
      return !newest || !tellsMore(newest, { offset: record.offset, version: versionOf(record) });
    })
    .map(({ record, cause }) => refusedAs(record, { code: 'record-undecodable', cause }));
  return { candidates, refused };
}

interface Undecodable {
  readonly record: Told;
  readonly cause: string;
}

/** By version; where nothing tells the version, by place. A record that comes later may still be an older one. */
function tellsMore(
  newest: Candidate,
  { offset, version }: { offset: bigint; version: number | undefined },
): boolean {
  if (version !== undefined && newest.version !== undefined) return newest.version >= version;
  return newest.told.some((told) => told.offset > offset);
}

function candidateOf(told: Told, content: Exclude<Content, { kind: 'undecodable' }>): Candidate {
  const { key } = told;
  const isGone = content.kind === 'gone' || content.fact.deleted;
  return {
    key,
    version: versionOf(told),
    state: isGone ? null : content.fact.state,
    told: [told],
    redriven: none,
  };
}

const none: readonly never[] = [];

/** A candidate with what it contributes. */
export interface Projected<Row> extends Candidate {
  readonly contributions: readonly Contribution<Row>[];
}

/** Projects each once. One that cannot be is set aside, so that it does not spoil the batch. */
export function projectAll<Row>(
  projector: Projector<Row>,
  candidates: ReadonlyMap<string, Candidate>,
): { sound: ReadonlyMap<string, Projected<Row>>; refused: Refused[] } {
  const sound = new Map<string, Projected<Row>>();
  const refused: Refused[] = [];
  for (const [key, candidate] of candidates) {
    try {
      const { version, state, told, redriven } = candidate;
      const contributions = state === null ? none : projector.project(state);
      sound.set(key, { key, version, state, told, redriven, contributions });
    } catch (failure) {
      refused.push(...refusedBy(candidate, 'projection-failed', failure));
    }
  }
  return { sound, refused };
}

/** The first of its records is what failed; those after it wait behind. */
export function refusedBy({ told }: Candidate, code: string, failure: unknown): Refused[] {
  const cause = messageOf(failure);
  return told.map((each, place) =>
    place === 0
      ? refusedAs(each, { code, cause })
      : refusedAs(each, { code: 'behind', cause: 'an event before it is set aside', status: 'waiting' }),
  );
}
