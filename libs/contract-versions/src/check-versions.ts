import { changedMeanings, unreadable } from './compatibility.js';
import { isPublished, schemasOf, type ContractFolder, type NamedSchema } from './contract-folder.js';
import type { Finding } from './finding.js';

/** What is wrong with a stream's published versions as such: each is there, pinned, and as it was published. */
export function versionFindings(folder: ContractFolder): readonly Finding[] {
  const { stream, path, versions } = folder;
  const found = [...missingVersions(folder), ...spoiltVersions(folder)];
  if (isPublished(folder)) return found;
  const what = versions.length === 0 ? 'has no published version' : `differs from version ${versions.length}`;
  const text = `stream ${stream}: ${path}/schema.avsc ${what}. ${publishHint(stream)}`;
  return [...found, { stream, code: 'unpublished', text }];
}

function missingVersions({ stream, path, versions, hashes }: ContractFolder): readonly Finding[] {
  const numbers = new Set(versions.map(({ number }) => number));
  const last = Math.max(0, ...numbers, ...hashes.keys());
  return Array.from({ length: last }, (_, index) => index + 1)
    .filter((number) => !numbers.has(number))
    .map((version) => ({
      stream,
      version,
      code: 'version-missing',
      text: `stream ${stream}: version ${version} is missing, and what it wrote is in the log for ever. ${bringBack(path, version)}.`,
    }));
}

function spoiltVersions({ stream, path, versions, hashes }: ContractFolder): readonly Finding[] {
  return versions.flatMap(({ number: version, hash }): readonly Finding[] => {
    const pinned = hashes.get(version);
    if (pinned === hash) return [];
    const told = `stream ${stream}: version ${version}`;
    if (pinned === undefined) {
      const text = `${told} has no hash in ${path}/versions/hashes.json. ${publishHint(stream)}`;
      return [{ stream, version, code: 'version-unpinned', text }];
    }
    const text = `${told} was changed after it was published. ${bringBack(path, version)}, and make the change in ${path}/schema.avsc, as the next version.`;
    return [{ stream, version, code: 'version-changed', text }];
  });
}

function bringBack(path: string, version: number): string {
  return `Bring ${path}/versions/${version}/schema.avsc back from the repository's history`;
}

/**
 * FULL_TRANSITIVE: whoever reads by any version can read what any other wrote, and reads the same in it. What is not
 * published yet counts as a version.
 */
export function compatibilityFindings(folder: ContractFolder): readonly Finding[] {
  const schemas = schemasOf(folder);
  return schemas.flatMap((later, index) =>
    schemas.slice(0, index).flatMap((earlier) => pairFindings(folder.stream, earlier, later)),
  );
}

function pairFindings(stream: string, earlier: NamedSchema, later: NamedSchema): readonly Finding[] {
  const told = (reader: NamedSchema, writer: NamedSchema, direction: string): readonly Finding[] =>
    unreadable(reader.schema, writer.schema).map(({ field, reason }) => ({
      stream,
      code: 'breaks-readers',
      text: `${place(stream, field)}: who reads by ${reader.label} cannot read what ${writer.label} writes (${direction}): ${reason}`,
    }));
  return [
    ...told(later, earlier, 'backward'),
    ...told(earlier, later, 'forward'),
    ...changedMeanings(earlier, later).map(({ field, reason }): Finding => ({
      stream,
      code: 'changes-meaning',
      text: `${place(stream, field)}: ${reason}`,
    })),
  ];
}

function place(stream: string, field: string): string {
  return field === '' ? `stream ${stream}` : `stream ${stream}, field ${field}`;
}

function publishHint(stream: string): string {
  return `Publish it: npx reprise contracts publish ${stream}`;
}
