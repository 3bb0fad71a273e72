import fc from 'fast-check';
import { groupLine, rowLine, told, type TestEntity, type TestRecord } from './test-view.contract.js';

/** A slice of the history, delivered as one batch. A takeover claims the partition anew and may go back. */
export interface Delivery {
  readonly from: number;
  readonly to: number;
  readonly takeover: boolean;
}

export interface History {
  readonly records: readonly TestRecord[];
  readonly deliveries: readonly Delivery[];
}

/** Pairs of these meet in `entity/key`, and hold what a careless encoding would trip over. */
const entities = ['a', 'a/b', 'é"\\', '5:'];
const keys = ['k', 'b/k', 'ö\n', '1:k', '{k}'];
const places = ['JFK', 'L/G:A'];

const entity = (withGroups: boolean): fc.Arbitrary<TestEntity> =>
  fc.record({
    rows: fc.uniqueArray(
      fc.record({
        key: fc.constantFrom(...keys),
        name: fc.constantFrom('x', '', 'ß "'),
        size: fc.integer({ min: -9, max: 9 }),
      }),
      { maxLength: 4, selector: ({ key }) => key },
    ),
    groups: fc.array(
      fc.record({
        place: fc.constantFrom(...places),
        hour: fc.integer({ min: 0, max: 1 }),
        size: fc.integer({ min: -9, max: 9 }),
      }),
      { maxLength: withGroups ? 3 : 0 },
    ),
    refers: fc.uniqueArray(fc.constantFrom('r/a', 'r/b', 's/a'), { maxLength: 2 }),
  });

/** Histories of few entities with growing versions, and ways to deliver them in which everything arrives at last. */
export function histories({ groups }: { groups: boolean }): fc.Arbitrary<History> {
  const step = fc.record({
    key: fc.constantFrom(...entities),
    grows: fc.integer({ min: 1, max: 3 }),
    state: fc.option(entity(groups), { nil: null, freq: 4 }),
  });
  const jump = fc.record({
    take: fc.integer({ min: 1, max: 6 }),
    back: fc.option(fc.nat({ max: 12 }), { freq: 2 }),
    part: fc.boolean(),
  });
  return fc
    .record({
      steps: fc.array(step, { minLength: 1, maxLength: 24 }),
      jumps: fc.array(jump, { minLength: 1, maxLength: 12 }),
    })
    .map(({ steps, jumps }) => ({
      records: versioned(steps),
      deliveries: deliveriesOf(steps.length, jumps),
    }));
}

/** What a view of these records must hold: the newest state of each entity, and nothing else. */
export function naiveContents(records: readonly TestRecord[]): string[] {
  const newest = new Map<string, TestRecord>();
  for (const record of records) {
    if (record.version >= (newest.get(record.key)?.version ?? 0)) newest.set(record.key, record);
  }
  const lines: string[] = [];
  const sums = new Map<string, { place: string; hour: number; sizes: number[] }>();
  for (const { key: entityKey, state } of newest.values()) {
    for (const { key, ...row } of state?.rows ?? []) lines.push(rowLine(entityKey, key, row));
    for (const { place, hour, size } of state?.groups ?? []) {
      const sum = sums.get(`${place}@${hour}`) ?? { place, hour, sizes: [] };
      sums.set(`${place}@${hour}`, { ...sum, sizes: [...sum.sizes, size] });
    }
  }
  for (const { place, hour, sizes } of sums.values()) {
    const measures = { entities: sizes.length, size: sizes.reduce((sum, size) => sum + size) };
    const extent = { least: Math.min(...sizes), greatest: Math.max(...sizes) };
    lines.push(groupLine({ place, hour }, measures, extent));
  }
  return lines.sort();
}

function versioned(steps: readonly { key: string; grows: number; state: TestEntity | null }[]): TestRecord[] {
  const versions = new Map<string, number>();
  return steps.map(({ key, grows, state }) => {
    const version = (versions.get(key) ?? 0) + grows;
    versions.set(key, version);
    return told(key, version, state);
  });
}

/** With `part`, what is delivered again stops before the news: only old records arrive in that batch. */
function deliveriesOf(
  length: number,
  jumps: readonly { take: number; back: number | null; part: boolean }[],
): Delivery[] {
  const deliveries: Delivery[] = [];
  let place = 0;
  for (const { take, back, part } of jumps) {
    const from = Math.max(0, place - (back ?? 0));
    const to = part && from < place ? Math.min(place, from + take) : Math.min(length, place + take);
    if (to > from) deliveries.push({ from, to, takeover: back !== null });
    place = Math.max(place, to);
  }
  if (place < length) deliveries.push({ from: place, to: length, takeover: false });
  return deliveries;
}
