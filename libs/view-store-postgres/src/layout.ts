/** How a view's contributions lie in Postgres. */
export interface PostgresLayout<Row> {
  /** Reads a row back from its JSON; throws when it is not one. */
  readonly parseRow: (stored: unknown) => Row;
  /** A column for each field of a row. Left out: rows lie as JSON in one column, `content`. */
  readonly rows?: RowLayout<Row>;
  /** The columns of an aggregate; left out by a view that has none. */
  readonly groups?: GroupLayout;
}

export type ColumnType = 'text' | 'integer' | 'bigint' | 'double precision' | 'boolean' | 'json';

/** Every field of a row has its column, by the same name; a field that is missing is null. */
export interface RowLayout<Row> {
  readonly columns: Readonly<Record<keyof Row & string, ColumnType>>;
  /** Columns that readers select by; built when the bulk load ends. */
  readonly indexes?: readonly (readonly (keyof Row & string)[])[];
}

export interface GroupLayout {
  /** The columns of a group's key. Names are lower-case words joined by `_`. */
  readonly columns: Readonly<Record<string, 'text' | 'integer'>>;
  /** Names of the sums, as the projection gives them; stored as bigint. */
  readonly measures: readonly string[];
  /** Names of the measures whose least and greatest values are kept. Default none. */
  readonly extremes?: readonly string[];
  /** Columns that readers select by; built when the bulk load ends. */
  readonly indexes?: readonly (readonly string[])[];
}

/** Quoted names of a generation's tables. */
export interface GenerationTables {
  readonly rows: string;
  /** One row a group, with `group_id`, the columns and the sums. */
  readonly groups: string;
  /** How many entities of a group (`group_id`) have a `value` of a `measure`. */
  readonly extremes: string;
  /** What entities contributed, of those whose rows alone don't tell it. */
  readonly entities: string;
  /** During a bulk load: parts of the sums, and of the counts of extremes. */
  readonly groupParts: string;
  readonly extremeParts: string;
  readonly checkpoints: string;
}

/** @throws RangeError when the name is not lower-case letters, digits and `_`, or too long for Postgres. */
export function tablesOf(generation: string): GenerationTables {
  return {
    rows: quoted(`${generation}_rows`),
    groups: quoted(`${generation}_groups`),
    extremes: quoted(`${generation}_extremes`),
    entities: quoted(`${generation}_entities`),
    groupParts: quoted(`${generation}_group_parts`),
    extremeParts: quoted(`${generation}_extreme_parts`),
    checkpoints: quoted(`${generation}_checkpoints`),
  };
}

/** A name as SQL takes it. Only plain names are let through, so nothing can be smuggled in. */
export function quoted(name: string): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/.test(name)) throw new RangeError(`not a name for Postgres: ${name}`);
  return `"${name}"`;
}
