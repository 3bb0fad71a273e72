import { schemasOf, type ContractFolder, type NamedSchema } from './contract-folder.js';
import { fieldsOf, type FieldShape } from './schema-fields.js';

/** One field that two versions of a contract do not have alike. */
export interface FieldDifference {
  /** As `state.gate`. */
  readonly field: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** As `null | string = null`; undefined when that side has not the field. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The two sides and what differs. */
export interface ContractDiff {
  readonly stream: string;
  readonly from: string;
  readonly to: string;
  readonly differences: readonly FieldDifference[];
}

/**
 * What changed between two versions; by default, what the newest (or what is not published yet) changed in the one before.
 * @throws RangeError when there is no such version.
 */
export function diffContract(
  folder: ContractFolder,
  { from, to }: { from?: number | undefined; to?: number | undefined } = {},
): ContractDiff {
  const schemas = schemasOf(folder);
  const last = chosen(folder, schemas, to ?? schemas.length);
  const first = chosen(folder, schemas, from ?? Math.max(1, schemas.indexOf(last)));
  return {
    stream: folder.stream,
    from: first.label,
    to: last.label,
    differences: differencesBetween(fieldsOf(first.schema), fieldsOf(last.schema)),
  };
}

/** What is not published yet is named by the number it would get. */
function chosen({ stream }: ContractFolder, schemas: readonly NamedSchema[], number: number): NamedSchema {
  const found = schemas[number - 1];
  if (found) return found;
  throw new RangeError(`stream ${stream} has versions 1 to ${schemas.length}, not ${number}`);
}

type Fields = ReadonlyMap<string, FieldShape>;

function differencesBetween(before: Fields, after: Fields): FieldDifference[] {
  const gone = [...before]
    .filter(([field]) => !after.has(field))
    .map(([field, shape]) => ({ field, kind: 'removed' as const, before: told(shape), after: undefined }));
  const kept = [...after].flatMap(([field, shape]): FieldDifference[] => {
    const was = before.get(field);
    if (!was) return [{ field, kind: 'added', before: undefined, after: told(shape) }];
    if (told(was) !== told(shape)) return [{ field, kind: 'changed', before: told(was), after: told(shape) }];
    if (was.doc === shape.doc) return [];
    return [{ field, kind: 'changed', before: documented(was), after: documented(shape) }];
  });
  return [...gone, ...kept];
}

function told({ type, default: fallback }: FieldShape): string {
  return fallback === undefined ? type : `${type} = ${fallback}`;
}

function documented({ doc }: FieldShape): string {
  return doc === undefined ? 'no description' : `“${doc}”`;
}
