import type { LoggedValue, Operation, Read, Write } from './operation.js';

/** A write with the version that the log gave it. */
interface Ordered {
  readonly version: number;
  readonly write: Write;
}

/**
 * What clients saw, held against what the log says. The log orders the writes of an entity by their versions; so it is enough
 * to look whether every answer fits that order and the times at which it was asked and given.
 *
 * - no write that was acknowledged is lost, none is there twice, none that was refused is there, and versions have no gaps;
 * - a write that began after another one was answered comes after it (with the versions as witness: linearizable writes);
 * - a condition on a version held when it was accepted, and did not when it was refused;
 * - a read shows what was written, by a write that had begun;
 * - a session never reads anything older than what it wrote or has seen before.
 *
 * @returns What is wrong, one line each.
 */
export function checkHistory(operations: readonly Operation[], log: readonly LoggedValue[]): string[] {
  const writes = operations.filter((operation) => operation.kind === 'write');
  const reads = operations.filter((operation) => operation.kind === 'read');
  const logged = new Logged(log);
  const ordered = writes.flatMap((write): Ordered[] => {
    const version = logged.versionOf(write.entity, write.value);
    return version === undefined ? [] : [{ version, write }];
  });
  return [
    ...logged.wrong,
    ...writes.flatMap((write) => wrongOutcome(write, logged)),
    ...perEntity(ordered, wrongOrder),
    ...mismatches(writes, ordered),
    ...reads.flatMap((read) => wrongRead(read, { logged, ordered: new Beginnings(ordered) })),
    ...wrongSessions(operations, logged),
  ];
}

/** The log's versions of each value. A record may be there again; an event may not. */
class Logged {
  readonly wrong: string[] = [];
  private readonly values = new Map<string, Map<number, number>>();
  private readonly versions = new Map<string, Map<number, number>>();

  constructor(log: readonly LoggedValue[]) {
    for (const { entity, version, value } of log) this.take(entity, version, value);
    for (const [entity, values] of this.values)
      for (let version = 1; version <= Math.max(...values.keys()); version += 1)
        if (!values.has(version)) this.wrong.push(`${entity}: version ${version} is not in the log`);
  }

  versionOf(entity: string, value: number): number | undefined {
    return this.versions.get(entity)?.get(value);
  }

  private take(entity: string, version: number, value: number): void {
    const values = entry(this.values, entity);
    const versions = entry(this.versions, entity);
    const known = values.get(version);
    if (known !== undefined && known !== value)
      this.wrong.push(`${entity}: version ${version} is both ${known} and ${value}`);
    const before = versions.get(value);
    if (before !== undefined && before !== version)
      this.wrong.push(`${entity}: value ${value} was written twice, as version ${before} and ${version}`);
    values.set(version, value);
    versions.set(value, version);
  }
}

function wrongOutcome({ entity, value, expected, outcome }: Write, logged: Logged): string[] {
  const version = logged.versionOf(entity, value);
  switch (outcome.kind) {
    case 'accepted':
      if (version === undefined) return [`${entity}: value ${value} was acknowledged and is lost`];
      if (version !== outcome.version)
        return [
          `${entity}: value ${value} was acknowledged as version ${outcome.version}, the log says ${version}`,
        ];
      if (expected !== undefined && version !== expected + 1)
        return [
          `${entity}: value ${value} was accepted on condition of version ${expected}, as version ${version}`,
        ];
      return [];
    case 'mismatched':
      return version === undefined ? [] : [`${entity}: value ${value} was refused and is version ${version}`];
    case 'unknown':
      return [];
  }
}

/** In the order of versions: none may have been answered before one with a lower version had begun. */
function wrongOrder(entity: string, ordered: readonly Ordered[]): string[] {
  const wrong: string[] = [];
  let latest: Ordered | undefined;
  for (const one of ordered.toSorted((left, right) => left.version - right.version)) {
    if (latest && one.write.endedMs < latest.write.beganMs)
      wrong.push(
        `${entity}: version ${one.version} was answered before version ${latest.version}, which is older, had begun`,
      );
    if (!latest || one.write.beganMs > latest.write.beganMs) latest = one;
  }
  return wrong;
}

/** The version that a refused condition was told must have been there at some time between question and answer. */
function mismatches(writes: readonly Write[], ordered: readonly Ordered[]): string[] {
  const byEntity = Map.groupBy(ordered, ({ write }) => write.entity);
  return writes.flatMap(({ entity, expected, outcome, beganMs, endedMs }) => {
    if (outcome.kind !== 'mismatched') return [];
    const { version } = outcome;
    if (version === expected)
      return [`${entity}: refused on condition of version ${expected}, at that version`];
    const of = byEntity.get(entity) ?? [];
    if (of.some((one) => one.version === version && one.write.beganMs > endedMs))
      return [`${entity}: version ${version} was told before it was written`];
    if (of.some((one) => one.version > version && one.write.endedMs < beganMs))
      return [`${entity}: version ${version} was told when a newer one was acknowledged`];
    return [];
  });
}

/** When the write of each value began. */
class Beginnings {
  private readonly began = new Map<string, Map<number, number>>();

  constructor(ordered: readonly Ordered[]) {
    for (const { write } of ordered) entry(this.began, write.entity).set(write.value, write.beganMs);
  }

  of(entity: string, value: number): number | undefined {
    return this.began.get(entity)?.get(value);
  }
}

function wrongRead(
  { view, shown, endedMs }: Read,
  { logged, ordered }: { logged: Logged; ordered: Beginnings },
): string[] {
  return [...shown].flatMap(([entity, value]) => {
    if (logged.versionOf(entity, value) === undefined)
      return [`${view} showed value ${value} of ${entity}, which is not in the log`];
    const began = ordered.of(entity, value);
    return began !== undefined && began > endedMs
      ? [`${view} showed value ${value} of ${entity} before it was written`]
      : [];
  });
}

/** A session does one thing after another; so what it wrote or saw before is in the order of its operations. */
function wrongSessions(operations: readonly Operation[], logged: Logged): string[] {
  const wrong: string[] = [];
  for (const [session, own] of Map.groupBy(operations, (operation) => operation.session)) {
    const written = new Map<string, number>();
    const seen = new Map<string, number>();
    for (const operation of own.toSorted((left, right) => left.beganMs - right.beganMs)) {
      if (operation.kind === 'write') {
        const { entity, outcome } = operation;
        if (outcome.kind === 'accepted') raise(written, entity, outcome.version);
        continue;
      }
      for (const entity of operation.asked) {
        const value = operation.shown.get(entity);
        const version = value === undefined ? 0 : (logged.versionOf(entity, value) ?? 0);
        // What a view of one stream showed says nothing of how far another stream was read.
        const place = `${operation.stream}/${entity}`;
        const least = Math.max(written.get(entity) ?? 0, seen.get(place) ?? 0);
        if (version < least)
          wrong.push(
            `${operation.view} showed version ${version} of ${entity} to ${session}, which had seen or written ${least}`,
          );
        raise(seen, place, version);
      }
    }
  }
  return wrong;
}

function perEntity(
  ordered: readonly Ordered[],
  look: (entity: string, of: readonly Ordered[]) => string[],
): string[] {
  return [...Map.groupBy(ordered, ({ write }) => write.entity)].flatMap(([entity, of]) => look(entity, of));
}

function entry(maps: Map<string, Map<number, number>>, key: string): Map<number, number> {
  const known = maps.get(key) ?? new Map<number, number>();
  maps.set(key, known);
  return known;
}

function raise(versions: Map<string, number>, key: string, version: number): void {
  versions.set(key, Math.max(versions.get(key) ?? 0, version));
}
