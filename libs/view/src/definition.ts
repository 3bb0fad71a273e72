import type { StreamContract } from '@reprise/contracts';

/** One row of a view. Its identity is the pair (entity, key): two entities never overwrite each other's rows. */
export interface RowContribution<Row> {
  readonly kind: 'row';
  readonly key: string;
  readonly row: Row;
}

/** What one entity adds to one group of an aggregate. Sums only: a count adds 1, an average is a sum over a count. */
export interface GroupContribution {
  readonly kind: 'group';
  readonly group: GroupKey;
  readonly measures: Measures;
}

export type GroupKey = Readonly<Record<string, string | number>>;
/** Whole numbers, so that adding and retracting never drifts. */
export type Measures = Readonly<Record<string, number>>;
export type Contribution<Row> = RowContribution<Row> | GroupContribution;

/**
 * A view, declared as data. `fields` is all that it reads of an entity, and so its contract with the writer.
 * `project` must be pure, synchronous and total: no clock, no I/O, no randomness. Change what it returns for the same
 * entity and you must raise `version`.
 */
export interface ViewDefinition<State, Row, Field extends keyof State & string = keyof State & string> {
  readonly name: string;
  readonly version: number;
  readonly source: StreamContract<State>;
  readonly fields: readonly Field[];
  project(entity: Pick<State, Field>): readonly Contribution<Row>[];
}

/** A definition whose entity type no longer matters: what the engine and the stores work with. */
export interface AnyView<Row> {
  readonly name: string;
  readonly version: number;
  readonly source: StreamContract<unknown>;
  readonly fields: readonly string[];
  project(entity: unknown): readonly Contribution<Row>[];
}

/** @throws RangeError when the name is not lower-case words joined by hyphens, or a field is not in the contract. */
export function defineView<State, Row, Field extends keyof State & string>(
  definition: ViewDefinition<State, Row, Field>,
): AnyView<Row> {
  const { name, version, source, fields } = definition;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw new RangeError(`not a view's name: ${name}`);
  if (!Number.isInteger(version) || version < 1) throw new RangeError(`${name}: version must be 1, 2, 3 …`);
  const known = stateFields(source);
  const unknown = fields.filter((field) => !known.has(field));
  if (unknown.length > 0)
    throw new RangeError(`${name} reads ${unknown.join(', ')}: not in stream ${source.name}`);
  // The engine decodes exactly `fields` by the reader schema made from them, so the entity has the type that project takes.
  return {
    name,
    version,
    source,
    fields,
    project: (entity) => definition.project(entity as Pick<State, Field>),
  };
}

export function row<Row>(key: string, value: Row): RowContribution<Row> {
  return { kind: 'row', key, row: value };
}

export function share(group: GroupKey, measures: Measures): GroupContribution {
  return { kind: 'group', group, measures };
}

function stateFields(contract: StreamContract<unknown>): ReadonlySet<string> {
  const state = contract.schema.fields.find((field) => field.name === 'state')?.type;
  if (!isRecordSchema(state)) throw new RangeError(`stream ${contract.name} has no state record`);
  return new Set(state.fields.map((field) => field.name));
}

function isRecordSchema(schema: unknown): schema is { fields: readonly { name: string }[] } {
  return typeof schema === 'object' && schema !== null && 'fields' in schema && Array.isArray(schema.fields);
}
