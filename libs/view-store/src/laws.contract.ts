import { describe, expect, test } from '@jest/globals';
import type { StreamContract } from '@reprise/contracts';
import {
  newestPerEntity,
  planChanges,
  projector,
  referenceId,
  type AnyView,
  type EntityRecord,
  type LookUp,
} from '@reprise/view';
import fc from 'fast-check';
import { MemoryGeneration } from './memory.js';
import type { Claim } from './port.js';

const partition = 'laws/0';

/** One record of a history, and where the batch that it is in ends. */
interface Told {
  readonly record: EntityRecord;
  readonly endsBatch: boolean;
}

/** A joined entity gets this state; null: it goes. */
interface Renamed {
  readonly stream: string;
  readonly key: string;
  readonly state: unknown;
}

/** What every view must obey, tried on random histories made from its stream's own schema. A view gets this for free. */
export function describeViewLaws<Row>(view: AnyView<Row>): void {
  const histories = historiesOf(view.source);
  describe(`${view.name} obeys the laws`, () => {
    test('a rebuild from the newest states equals the view that saw every event, however they were batched', async () => {
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          const rebuilt = [...newestPerEntity(history.map(({ record }) => record)).values()];
          expect(await built(view, batched(history))).toEqual(await built(view, [rebuilt]));
        }),
      );
    });

    test('a batch applied twice is applied once, and redelivery from any earlier offset converges', async () => {
      await fc.assert(
        fc.asyncProperty(histories, fc.nat(), async (history, from) => {
          const records = history.map(({ record }) => record);
          const again = records.slice(from % (records.length + 1));
          expect(await built(view, [records, again, again])).toEqual(await built(view, [records]));
        }),
      );
    });

    test('how the events of different entities are interleaved is irrelevant', async () => {
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          const perEntity = Map.groupBy(history, ({ record }) => record.key);
          const apart = [...perEntity.values()].flatMap((some) => batched(some));
          expect(await built(view, apart)).toEqual(await built(view, batched(history)));
        }),
      );
    });

    test('an older version never overwrites, nor brings back what a newer one removed', async () => {
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          const records = history.map(({ record }) => record);
          expect(
            await built(
              view,
              records.toReversed().map((record) => [record]),
            ),
          ).toEqual(await built(view, [records]));
        }),
      );
    });

    if (view.references.length > 0)
      test('a reference that comes, changes or goes, early or late, reaches every row as if it had always been so', async () => {
        await fc.assert(
          fc.asyncProperty(joinedHistoriesOf(view, histories), async (history) => {
            const names = new Map<string, unknown>();
            const target = await Built.begin(view, lookUpIn(names));
            for (const happening of history) {
              if ('record' in happening) await target.apply([happening.record]);
              else {
                const id = referenceId(happening.stream, happening.key);
                names.set(id, happening.state);
                await target.projectAgain(id);
              }
            }
            const told = history.flatMap((happening) => ('record' in happening ? [happening.record] : []));
            const rebuilt = await Built.begin(view, lookUpIn(names));
            await rebuilt.apply(told);
            expect(await target.lines()).toEqual(await rebuilt.lines());
          }),
        );
      });

    test('when every entity is gone, nothing is left', async () => {
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          const ends = [...new Set(history.map(({ record }) => record.key))].map((key) => ({
            key,
            version: 1_000,
            state: null,
          }));
          expect(await built(view, [...batched(history), ends])).toEqual([]);
        }),
      );
    });
  });
}

/** Everything that a generation holds after these batches, in one order. */
async function built<Row>(
  view: AnyView<Row>,
  batches: readonly (readonly EntityRecord[])[],
): Promise<string[]> {
  const target = await Built.begin(view, () => null);
  for (const records of batches) await target.apply(records);
  return target.lines();
}

/** A generation as one builder feeds it. */
class Built<Row> {
  private constructor(
    private readonly projection: ReturnType<typeof projector<Row>>,
    private readonly generation: MemoryGeneration<Row>,
    private claim: Claim,
  ) {}

  static async begin<Row>(view: AnyView<Row>, lookUp: LookUp): Promise<Built<Row>> {
    const generation = new MemoryGeneration<Row>();
    await generation.open([partition]);
    return new Built(projector(view, lookUp), generation, await generation.claim(partition));
  }

  async apply(records: readonly EntityRecord[]): Promise<void> {
    const newest = newestPerEntity(records);
    const prior = await this.generation.contributed([...newest.keys()]);
    const { claim } = this;
    const nextOffset = claim.nextOffset + 1n;
    const plan = planChanges(this.projection, newest, prior);
    await this.generation.apply({ claim, nextOffset, references: claim.references, ...plan });
    this.claim = { ...claim, nextOffset };
  }

  /** Whatever refers to it, by what the generation keeps of it. */
  async projectAgain(reference: string): Promise<void> {
    for await (const page of this.generation.dependents({ partition, references: [reference] })) {
      const kept = await this.generation.contributed(page);
      await this.apply([...kept].map(([key, { version, state }]) => ({ key, version, state })));
    }
  }

  async lines(): Promise<string[]> {
    const lines: string[] = [];
    for await (const item of this.generation.contents()) lines.push(JSON.stringify(item, sorted));
    return lines.toSorted();
  }
}

function lookUpIn(names: ReadonlyMap<string, unknown>): LookUp {
  return (stream, key) => names.get(referenceId(stream, key)) ?? null;
}

/** The members of an object in the order of their names: how a group was first met is irrelevant. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function batched(history: readonly Told[]): EntityRecord[][] {
  const batches: EntityRecord[][] = [[]];
  for (const { record, endsBatch } of history) {
    batches.at(-1)?.push(record);
    if (endsBatch) batches.push([]);
  }
  return batches;
}

/** Histories of a few entities: growing versions without gaps, states of the stream's schema, now and then a removal. */
function historiesOf(contract: StreamContract<unknown>): fc.Arbitrary<Told[]> {
  const state = stateOf(contract);
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    state: fc.option(state, { freq: 5 }),
    endsBatch: fc.boolean(),
  });
  return fc.array(step, { maxLength: 25 }).map((steps) => {
    const versions = new Map<string, number>();
    return steps.map(({ key, state: told, endsBatch }) => {
      const version = (versions.get(key) ?? 0) + 1;
      versions.set(key, version);
      return { record: { key, version, state: told }, endsBatch };
    });
  });
}

/** The same with changes of what the view joins in between. */
function joinedHistoriesOf(
  view: AnyView<unknown>,
  histories: fc.Arbitrary<Told[]>,
): fc.Arbitrary<(Told | Renamed)[]> {
  const changes = view.references.map(({ source }) =>
    fc.record({
      stream: fc.constant(source.name),
      key: fc.constantFrom(...strings),
      state: fc.option(stateOf(source), { freq: 3 }),
    }),
  );
  const places = fc.array(fc.record({ at: fc.nat({ max: 25 }), change: fc.oneof(...changes) }), {
    maxLength: 25,
  });
  return fc.tuple(histories, places).map(([history, renamed]) => {
    const merged: (Told | Renamed)[] = [...history];
    for (const { at, change } of renamed) merged.splice(Math.min(at, merged.length), 0, change);
    return merged;
  });
}

function stateOf(contract: StreamContract<unknown>): fc.Arbitrary<unknown> {
  return arbitraryOf(contract.schema.fields.find(({ name }) => name === 'state')?.type);
}

const strings = ['AAA', 'BBB', '2013-01-01', '2013-02-28'];

/** Values of an Avro type. Few different ones of each, so that entities meet in groups and rows move between keys. */
function arbitraryOf(type: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(type)) return fc.oneof(...type.map(arbitraryOf));
  if (typeof type === 'object' && type !== null) {
    if ('fields' in type && Array.isArray(type.fields)) {
      const fields = type.fields.map(
        ({ name, type: of }: { name: string; type: unknown }) => [name, arbitraryOf(of)] as const,
      );
      return fc.record(Object.fromEntries(fields));
    }
    if ('symbols' in type && Array.isArray(type.symbols))
      return fc.constantFrom(...(type.symbols as unknown[]));
    if ('items' in type) return fc.array(arbitraryOf(type.items), { maxLength: 3 });
    if ('type' in type) return arbitraryOf(type.type);
  }
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'int':
    case 'long':
      return fc.integer({ min: -90, max: 90 }).map((count) => count * 60_000);
    case 'float':
    case 'double':
      return fc.double({ noNaN: true });
    case 'string':
      return fc.constantFrom(...strings);
  }
  throw new RangeError(`no values are known of Avro type ${JSON.stringify(type)}`);
}
