import type { StreamContract } from '@reprise/contracts';
import { stateFields, type AnyReference, type Joined, type References } from './reference.js';

/** One row of a view. Its identity is the pair (entity, key): two entities never overwrite each other's rows. */
export interface RowContribution<Row> {
  readonly kind: 'row';
  readonly key: string;
  readonly row: Row;
}

/**
 * What one entity adds to one group of an aggregate. `measures` are summed: a count adds 1, an average is a sum over a
 * count. Of `extremes` the least and the greatest over all entities of the group are kept.
 */
export interface GroupContribution {
  readonly kind: 'group';
  readonly group: GroupKey;
  readonly measures: Measures;
  readonly extremes: Measures;
}

export type GroupKey = Readonly<Record<string, string | number>>;
/** Whole numbers, so that adding and retracting never drifts. */
export type Measures = Readonly<Record<string, number>>;
export type Contribution<Row> = RowContribution<Row> | GroupContribution;

type NoReferences = Readonly<Record<string, never>>;

interface Declaration<State, Field extends keyof State & string> {
  readonly name: string;
  readonly version: number;
  readonly source: StreamContract<State>;
  readonly fields: readonly Field[];
}

/**
 * A view, declared as data. `fields` is all that it reads of an entity, and so its contract with the writer; `references`
 * are the small streams it joins, each by the field that holds the other's key. `project` must be pure, synchronous and
 * total: no clock, no I/O, no randomness; a reference that is not there is null. Change what it returns for the same input
 * and you must raise `version`.
 */
export interface ViewDefinition<
  State,
  Row,
  Field extends keyof State & string,
  Refs extends References<Field>,
> extends Declaration<State, Field> {
  readonly references?: Refs;
  project(entity: Pick<State, Field>, joined: Joined<Refs>): readonly Contribution<Row>[];
}

/** One event of an entity, as a history stream keeps it. */
export interface Fact<Read> {
  /** Past-tense name, as `FlightDeparted`. */
  readonly event: string;
  /** 1, 2, 3 … per entity. */
  readonly version: number;
  /** Epoch milliseconds, UTC. */
  readonly occurredAt: number;
  /** Names of the state's fields that it changed. */
  readonly changed: readonly string[];
  /** True when the entity is gone with it. */
  readonly deleted: boolean;
  /** The entity's state after it. */
  readonly state: Read;
}

/**
 * A view of what happened, rather than of what is: `evolve` folds every event of an entity, in order, and `project` says
 * which rows the result contributes. What is folded must be plain JSON. Both pure, as ever.
 */
export interface HistoryViewDefinition<
  State,
  Row,
  Folded,
  Field extends keyof State & string,
> extends Declaration<State, Field> {
  readonly initial: Folded;
  evolve(folded: Folded, fact: Fact<Pick<State, Field>>): Folded;
  project(folded: Folded): readonly Contribution<Row>[];
}

/** How a history view comes from events to what it projects. */
export interface Fold {
  readonly initial: unknown;
  /** Set where the events of an entity are erased when it is deleted: name of the state's field that is its key. */
  readonly erasedKey?: string;
  evolve(folded: unknown, fact: Fact<unknown>): unknown;
}

/** A definition whose entity type no longer matters: what the engine and the stores work with. */
export interface AnyView<Row> {
  readonly name: string;
  readonly version: number;
  readonly source: StreamContract<unknown>;
  readonly fields: readonly string[];
  readonly references: readonly AnyReference[];
  /** Undefined: the view is a function of the entities' newest states. */
  readonly fold: Fold | undefined;
  /** Text of the functions that were declared. */
  readonly code: readonly string[];
  /** @param joined What each reference holds, by its name; null when it is not there. */
  project(entity: unknown, joined: Readonly<Record<string, unknown>>): readonly Contribution<Row>[];
}

/** @throws RangeError when the name is not lower-case words joined by hyphens, or a field is not in its contract. */
export function defineView<
  State,
  Row,
  Field extends keyof State & string,
  Refs extends References<Field> = NoReferences,
>(definition: ViewDefinition<State, Row, Field, Refs>): AnyView<Row> {
  const { name, version, source, fields } = definition;
  requireSound(definition);
  const references = Object.entries(definition.references ?? {}).map(([as, reference]) => ({
    ...reference,
    name: as,
  }));
  for (const reference of references)
    requireFields(`${name}, reference ${reference.name}`, reference.source, reference.fields);
  // The engine decodes exactly `fields` by the reader schema made from them, so the entity has the type that project takes.
  return {
    name,
    version,
    source,
    fields,
    references,
    fold: undefined,
    code: codeOf(definition, ['project']),
    project: (entity, joined) => definition.project(entity as Pick<State, Field>, joined as Joined<Refs>),
  };
}

/**
 * @throws RangeError as {@link defineView}, and when the stream does not keep every event: compaction leaves only the
 * newest of each entity, so the same view built again would tell another story.
 */
export function defineHistoryView<State, Row, Folded, Field extends keyof State & string>(
  definition: HistoryViewDefinition<State, Row, Folded, Field>,
): AnyView<Row> {
  const { name, version, source, fields, initial } = definition;
  requireSound(definition);
  if (source.retention !== 'history') {
    throw new RangeError(
      `${name} folds every event of stream ${source.name}, which is compacted and keeps only the newest of each entity: ` +
        'fold a history stream',
    );
  }
  // What comes out of the ledger was folded by this very definition: a generation belongs to one version of it.
  return {
    name,
    version,
    source,
    fields,
    references: [],
    fold: {
      initial,
      ...erasedKeyOf(source),
      evolve: (folded, fact) => definition.evolve(folded as Folded, fact as Fact<Pick<State, Field>>),
    },
    code: codeOf(definition, ['evolve', 'project']),
    project: (folded) => definition.project(folded as Folded),
  };
}

/** @throws RangeError when the stream erases and does not name its key. */
function erasedKeyOf({ name, key, erasedWhenDeleted }: StreamContract<unknown>): Pick<Fold, 'erasedKey'> {
  if (erasedWhenDeleted !== true) return {};
  if (key === undefined) throw new RangeError(`stream ${name} erases what is deleted, and names no key`);
  return { erasedKey: key };
}

export function row<Row>(key: string, value: Row): RowContribution<Row> {
  return { kind: 'row', key, row: value };
}

export function share(group: GroupKey, measures: Measures, extremes: Measures = {}): GroupContribution {
  return { kind: 'group', group, measures, extremes };
}

function codeOf(definition: object, methods: readonly string[]): string[] {
  return methods.map((name) => String(Reflect.get(definition, name)));
}

function requireSound({
  name,
  version,
  source,
  fields,
}: Pick<AnyView<unknown>, 'name' | 'version' | 'source' | 'fields'>): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw new RangeError(`not a view's name: ${name}`);
  if (!Number.isInteger(version) || version < 1) throw new RangeError(`${name}: version must be 1, 2, 3 …`);
  requireFields(name, source, fields);
}

function requireFields(who: string, source: StreamContract<unknown>, fields: readonly string[]): void {
  const known = stateFields(source);
  const unknown = fields.filter((field) => !known.has(field));
  if (unknown.length > 0)
    throw new RangeError(`${who} reads ${unknown.join(', ')}: not in stream ${source.name}`);
}
