import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecordSchema, type AvroRecordSchema } from '@reprise/contracts';

/** A published version: it never changes, and never goes. */
export interface PublishedVersion {
  /** 1, 2, 3 … */
  readonly number: number;
  readonly schema: AvroRecordSchema;
  readonly hash: string;
  /** Events as they were written when it was published, by their file's name. */
  readonly examples: ReadonlyMap<string, unknown>;
}

/** What `schemas/<stream>/` holds about the stream's contract. */
export interface ContractFolder {
  readonly stream: string;
  /** From the root of the checkout. */
  readonly path: string;
  /** This stream, and the history streams that tell the same by the same schema. */
  readonly streams: readonly string[];
  /** `schema.avsc`: equal to the newest version, or what is to become the next one. */
  readonly workingCopy: AvroRecordSchema;
  /** By number. */
  readonly versions: readonly PublishedVersion[];
  /** `versions/hashes.json`: the hash of each version as it was published, by its number. */
  readonly hashes: ReadonlyMap<number, string>;
}

/** Something by which records were, are or will be written. */
export interface NamedSchema {
  /** `version 2`, or what is not published yet. */
  readonly label: string;
  readonly schema: AvroRecordSchema;
}

/** Every stream's contract, of a checkout. @throws TypeError naming the file that cannot be read as what it must be. */
export function readContracts(root: string): ContractFolder[] {
  const names = readdirSync(join(root, 'schemas')).toSorted();
  return names
    .filter((name) => existsSync(join(root, 'schemas', name, 'schema.avsc')))
    .map((name) => readContract(root, name, names));
}

/** What records of the stream may be written by, oldest first; the working copy last, when it is not published. */
export function schemasOf({ versions, workingCopy }: ContractFolder): readonly NamedSchema[] {
  const published = versions.map(({ number, schema }) => ({ label: `version ${number}`, schema }));
  if (isPublished({ versions, workingCopy })) return published;
  return [...published, { label: 'schema.avsc (not published)', schema: workingCopy }];
}

export function isPublished({
  versions,
  workingCopy,
}: Pick<ContractFolder, 'versions' | 'workingCopy'>): boolean {
  return versions.at(-1)?.hash === hashOf(workingCopy);
}

/**
 * Of all that a schema says, whatever its layout. Avro's own fingerprints leave out defaults, aliases and logical types,
 * which are as much of a promise as the rest.
 */
export function hashOf(schema: AvroRecordSchema): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(schema)).digest('hex')}`;
}

function readContract(root: string, name: string, all: readonly string[]): ContractFolder {
  const path = `schemas/${name}`;
  const folder = join(root, path);
  return {
    stream: name,
    path,
    streams: [name, ...all.filter((other) => schemaOwner(root, other) === name)],
    workingCopy: readSchema(join(folder, 'schema.avsc')),
    versions: versionNumbers(join(folder, 'versions')).map((number) => readVersion(folder, number)),
    hashes: readHashes(join(folder, 'versions/hashes.json')),
  };
}

function readVersion(folder: string, number: number): PublishedVersion {
  const at = join(folder, 'versions', String(number));
  const schema = readSchema(join(at, 'schema.avsc'));
  return { number, schema, hash: hashOf(schema), examples: readExamples(join(at, 'golden')) };
}

function versionNumbers(folder: string): number[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^[1-9]\d*$/.test(name));
  return names.map(Number).toSorted((left, right) => left - right);
}

/** Examples by file name; none when there is no such folder. */
export function readExamples(folder: string): ReadonlyMap<string, unknown> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(names.toSorted().map((name) => [name, readJson(join(folder, name))]));
}

/** The stream whose schema a history stream tells by. */
function schemaOwner(root: string, name: string): unknown {
  const path = join(root, 'schemas', name, 'stream.json');
  if (!existsSync(path)) return undefined;
  const policy = readJson(path);
  return typeof policy === 'object' && policy !== null && 'schemaOf' in policy ? policy.schemaOf : undefined;
}

function readHashes(path: string): ReadonlyMap<number, string> {
  if (!existsSync(path)) return new Map();
  const entries = Object.entries(Object(readJson(path)) as Record<string, unknown>);
  return new Map(entries.map(([number, hash]) => [Number(number), String(hash)]));
}

function readSchema(path: string): AvroRecordSchema {
  if (!existsSync(path)) throw new TypeError(`${path} is not there`);
  const schema = readJson(path);
  if (isRecordSchema(schema)) return schema;
  throw new TypeError(`${path} is not an Avro record`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    throw new TypeError(`${path} is not JSON`, { cause });
  }
}
