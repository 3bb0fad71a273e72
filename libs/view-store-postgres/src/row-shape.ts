import { storeError } from './errors.js';
import { quoted, type ColumnType, type RowLayout } from './layout.js';

/** A column of a table of rows, beside those that every one has. */
interface RowColumn {
  /** Quoted. */
  readonly name: string;
  readonly type: ColumnType;
}

type ColumnValue = string | number | boolean | null;

/** How rows lie in their table: a column for each field, or one that holds the row's JSON. */
export interface RowShape {
  readonly columns: readonly RowColumn[];
  /** A row's values, one for each column, as the driver takes them. */
  values(row: unknown): ColumnValue[];
  /** A row's JSON, of its values. */
  text(values: readonly unknown[]): string;
  /** What to select, of a table named `r`, for {@link textOf}. */
  readonly selected: readonly string[];
  /** The same JSON, of what was selected. */
  textOf(selected: readonly unknown[]): string;
}

export function rowShape(layout: RowLayout<never> | undefined): RowShape {
  return layout ? new TypedRows(layout) : jsonRows;
}

const jsonRows: RowShape = {
  columns: [{ name: quoted('content'), type: 'json' }],
  selected: ['r.content::text'],
  values: (row) => [JSON.stringify(row)],
  text: ([content]) => String(content),
  textOf: ([content]) => String(content),
};

const held = {
  text: 'string',
  integer: 'number',
  bigint: 'number',
  'double precision': 'number',
  boolean: 'boolean',
} as const satisfies Record<Exclude<ColumnType, 'json'>, string>;
const taken: readonly string[] = ['entity', 'key', 'version'];

class TypedRows implements RowShape {
  readonly columns: readonly RowColumn[];
  readonly selected: readonly string[];
  private readonly fields: readonly (readonly [string, ColumnType])[];
  private readonly prefixes: readonly string[];
  private readonly isWrittenByPostgres: boolean;

  constructor({ columns }: RowLayout<never>) {
    this.fields = Object.entries(columns);
    for (const [name] of this.fields)
      if (taken.includes(name))
        throw new RangeError(`a column ${name} is there already: name the field otherwise`);
    this.columns = this.fields.map(([name, type]) => ({ name: quoted(name), type }));
    // Postgres writes JSON as we do, and on another core; but for numbers with an exponent.
    this.isWrittenByPostgres = !this.fields.some(([, type]) => type === 'double precision');
    const names = this.columns.map(({ name }) => `r.${name}`).join(', ');
    this.selected = this.isWrittenByPostgres
      ? [`(SELECT row_to_json(c)::text FROM (SELECT ${names}) c)`]
      : this.columns.map(({ name, type }) => (type === 'json' ? `r.${name}::text` : `r.${name}`));
    this.prefixes = this.fields.map(([name], place) => `${place === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  }

  values(row: unknown): ColumnValue[] {
    if (!isRecord(row)) throw new TypeError('a row that lies in columns is an object');
    return this.fields.map(([name, type]) => columnValue(name, type, row[name]));
  }

  text(values: readonly unknown[]): string {
    let text = '';
    for (let place = 0; place < this.prefixes.length; place += 1) {
      const value = values[place];
      const isText = typeof value === 'string' && this.columns[place]?.type === 'text';
      text += `${this.prefixes[place]}${isText ? JSON.stringify(value) : String(value)}`;
    }
    return `${text}}`;
  }

  textOf(selected: readonly unknown[]): string {
    return this.isWrittenByPostgres ? String(selected[0]) : this.text(selected);
  }
}

function columnValue(name: string, type: ColumnType, value: unknown): ColumnValue {
  if (value === null || value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  if (
    (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') &&
    typeof value === held[type]
  )
    return value;
  throw storeError('row-refused', `field ${name} is a ${typeof value}, its column is of type ${type}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
