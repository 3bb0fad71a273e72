import type { AvroRecordSchema } from '@reprise/contracts';
import { messageOf } from '@reprise/kernel';
import { typeOf } from '@reprise/log';
import avro from 'avsc';
import type { NamedSchema } from './contract-folder.js';
import { fieldsOf } from './schema-fields.js';

/** Why a reader cannot read what a writer wrote. */
export interface Unreadable {
  /** As `state.gate`; empty when it is the record itself. */
  readonly field: string;
  readonly reason: string;
}

/**
 * Whether readers by the one schema can read all that writers by the other wrote. The verdict is that of the Avro library
 * which decodes records at run time; what is done here is to find the field.
 *
 * @returns each field that cannot be read; none when all is well.
 * @throws Error when one of them is not Avro.
 */
export function unreadable(reader: AvroRecordSchema, writer: AvroRecordSchema): readonly Unreadable[] {
  return whyNot(typeOf(reader), typeOf(writer), '');
}

/**
 * What two versions of a contract say differently of the same bytes, though either reads the other: a default (records
 * from before the field would tell something else than they did) or what a number means.
 */
export function changedMeanings(earlier: NamedSchema, later: NamedSchema): readonly Unreadable[] {
  const before = fieldsOf(earlier.schema);
  return [...fieldsOf(later.schema)].flatMap(([field, shape]) => {
    const was = before.get(field);
    if (!was) return [];
    const reasons: Unreadable[] = [];
    if (was.default !== undefined && shape.default !== undefined && was.default !== shape.default)
      reasons.push({
        field,
        reason: `its default is ${was.default} in ${earlier.label} and ${shape.default} in ${later.label}: records without it would tell something else than before`,
      });
    if (was.logicalType !== shape.logicalType)
      reasons.push({
        field,
        reason: `it is a ${was.logicalType ?? 'plain value'} in ${earlier.label} and a ${shape.logicalType ?? 'plain value'} in ${later.label}: the same bytes would mean something else`,
      });
    return reasons;
  });
}

function whyNot(reader: avro.Type, writer: avro.Type, path: string): readonly Unreadable[] {
  const failure = failureOf(reader, writer);
  if (failure === undefined) return [];
  const inner = partsOf(reader, writer).flatMap((part) => partFailures(part, path));
  return inner.length > 0 ? inner : [{ field: path, reason: failure }];
}

/** A part of what is read, and what it is read from; undefined: the writer has nothing for it. */
interface Part {
  readonly step: string;
  readonly reader: avro.Type;
  readonly writer: avro.Type | undefined;
  readonly hasDefault: boolean;
}

function partFailures({ step, reader, writer, hasDefault }: Part, path: string): readonly Unreadable[] {
  const field = step.startsWith('[') || path === '' ? path + step : [path, step].filter(Boolean).join('.');
  if (writer) return whyNot(reader, writer, field);
  return hasDefault ? [] : [{ field, reason: 'there it is not, and it has no default' }];
}

function partsOf(reader: avro.Type, writer: avro.Type): readonly Part[] {
  if (reader instanceof avro.types.RecordType && writer instanceof avro.types.RecordType) {
    return reader.fields.map((field) => ({
      step: field.name,
      reader: field.type,
      writer: writer.fields.find(({ name }) => name === field.name || field.aliases.includes(name))?.type,
      hasDefault: field.defaultValue() !== undefined,
    }));
  }
  if (reader instanceof avro.types.ArrayType && writer instanceof avro.types.ArrayType)
    return [{ step: '[]', reader: reader.itemsType, writer: writer.itemsType, hasDefault: false }];
  if (isUnion(reader) || isUnion(writer)) return branchParts(reader, writer);
  return [];
}

/** Only records are worth looking into: what is wrong with a plain branch is told of the union. */
function branchParts(reader: avro.Type, writer: avro.Type): readonly Part[] {
  const read = branchesOf(reader).filter((type) => type instanceof avro.types.RecordType);
  return branchesOf(writer).flatMap((type) => {
    const match = type instanceof avro.types.RecordType && read.find(({ name }) => name === type.name);
    return match ? [{ step: '', reader: match, writer: type, hasDefault: false }] : [];
  });
}

function branchesOf(type: avro.Type): readonly avro.Type[] {
  return isUnion(type) ? type.types : [type];
}

function isUnion(type: avro.Type): type is avro.types.UnwrappedUnionType | avro.types.WrappedUnionType {
  return type instanceof avro.types.UnwrappedUnionType || type instanceof avro.types.WrappedUnionType;
}

function failureOf(reader: avro.Type, writer: avro.Type): string | undefined {
  try {
    reader.createResolver(writer);
    return undefined;
  } catch (failure) {
    const isNamed = reader instanceof avro.types.RecordType && writer instanceof avro.types.RecordType;
    return isNamed
      ? messageOf(failure)
      : `what was written as ${described(writer)} cannot be read as ${described(reader)}`;
  }
}

function described(type: avro.Type): string {
  if (isUnion(type)) return type.types.map(described).join(' | ');
  if (type instanceof avro.types.EnumType) return `${type.name ?? 'enum'} (${type.symbols.join(', ')})`;
  if (type instanceof avro.types.ArrayType) return `${described(type.itemsType)}[]`;
  return type.name ?? type.typeName;
}
