import { catalogue, type Envelope, type StreamContract } from '@reprise/contracts';
import { StreamTail, type LogConnection } from '@reprise/log';
import { foldNext, projector, referenceStreams, type AnyView, type Folded } from '@reprise/view';
import { markModulus, markShift, type Extent } from '@reprise/view-store';

/** Every record of one stream, in the order in which the log has them; `envelope` null is a tombstone. */
export interface LoggedRecord {
  readonly key: string;
  readonly version: number | undefined;
  readonly envelope: Envelope<unknown> | null;
}

export type WholeLog = ReadonlyMap<string, readonly LoggedRecord[]>;

/** Reads the streams of the example from the beginning, by name. */
export async function readLog(connection: LogConnection): Promise<WholeLog> {
  const { airline, airport, aircraft, flight, flightHistory } = catalogue;
  const contracts: readonly StreamContract<unknown>[] = [airline, airport, aircraft, flight, flightHistory];
  const log = new Map<string, readonly LoggedRecord[]>();
  for (const contract of contracts) {
    const records: LoggedRecord[] = [];
    const tail = new StreamTail({
      contract,
      connection,
      onRecord: ({ key, envelope, entityVersion }) => {
        records.push({ key, envelope, version: envelope?.version ?? entityVersion });
      },
    });
    await tail.start();
    await tail.stop();
    log.set(contract.name, records);
  }
  return log;
}

/** The newest record of each entity. */
export function newestOf(records: readonly LoggedRecord[]): ReadonlyMap<string, LoggedRecord> {
  const newest = new Map<string, LoggedRecord>();
  for (const record of records)
    if ((record.version ?? Infinity) >= (newest.get(record.key)?.version ?? 0))
      newest.set(record.key, record);
  return newest;
}

interface GroupSums {
  readonly measures: Map<string, number>;
  readonly extremes: Map<string, number[]>;
}

/** What a generation of the view must hold, by the log alone: one line a row and a group. None of the engine's own code. */
export function expectedContents(view: AnyView<unknown>, log: WholeLog): string[] {
  const references = new Map(
    referenceStreams(view).map(({ source }) => [source.name, statesOf(log.get(source.name) ?? [])]),
  );
  const { project } = projector(view, (stream, key) => references.get(stream)?.get(key) ?? null);
  const records = log.get(view.source.name) ?? [];
  const states = view.fold ? foldedOf(view, records) : statesOf(records);
  const lines: string[] = [];
  const groups = new Map<string, GroupSums>();
  for (const [entity, state] of states) {
    for (const contribution of project(state)) {
      if (contribution.kind === 'row') {
        lines.push(rowLine(entity, contribution.key, contribution.row));
        continue;
      }
      const id = canonical(contribution.group);
      const group: GroupSums = groups.get(id) ?? { measures: new Map(), extremes: new Map() };
      groups.set(id, group);
      for (const [name, amount] of Object.entries(contribution.measures))
        group.measures.set(name, (group.measures.get(name) ?? 0) + amount);
      for (const [name, value] of Object.entries(contribution.extremes))
        group.extremes.set(name, [...(group.extremes.get(name) ?? []), value]);
    }
  }
  for (const [id, { measures, extremes }] of groups) {
    const extents = [...extremes].map(([name, values]) => [name, extentOf(values)] as const);
    lines.push(groupLine(id, Object.fromEntries(measures), Object.fromEntries(extents)));
  }
  return lines.sort();
}

/** In numbers of any size: another way than the stores'. */
function extentOf(values: readonly number[]): Extent {
  const modulus = BigInt(markModulus);
  const marks = values.map((value) => {
    const rest = ((BigInt(value) % modulus) + modulus) % modulus;
    return rest * (rest + BigInt(markShift));
  });
  const mark = Number(marks.reduce((sum, one) => sum + one, 0n) % modulus);
  return { least: Math.min(...values), greatest: Math.max(...values), entities: values.length, mark };
}

export function rowLine(entity: string, key: string, row: unknown): string {
  return `row ${JSON.stringify([entity, key])} ${canonical(row)}`;
}

export function groupLine(id: string, measures: unknown, extremes: unknown): string {
  return `group ${id} ${canonical({ measures, extremes })}`;
}

/** JSON with the members of objects in the order of their names. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

function statesOf(records: readonly LoggedRecord[]): ReadonlyMap<string, unknown> {
  const states = new Map<string, unknown>();
  for (const [key, { envelope }] of newestOf(records))
    if (envelope && !envelope.deleted) states.set(key, envelope.state);
  return states;
}

function foldedOf(view: AnyView<unknown>, records: readonly LoggedRecord[]): ReadonlyMap<string, unknown> {
  const folded = new Map<string, Folded>();
  for (const [key, facts] of Map.groupBy(records, (record) => record.key)) {
    const byVersion = new Map(
      facts.flatMap(({ envelope }) => (envelope ? [[envelope.version, envelope]] : [])),
    );
    const ordered = [...byVersion.values()].toSorted((left, right) => left.version - right.version);
    let state: Folded = { version: 0, state: null };
    for (const fact of ordered) state = foldNext(view, state, fact);
    folded.set(key, state);
  }
  return new Map([...folded].flatMap(([key, { state }]) => (state === null ? [] : [[key, state]])));
}
