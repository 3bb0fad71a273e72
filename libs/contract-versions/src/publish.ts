import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AnyView } from '@reprise/view';
import { compatibilityFindings, versionFindings } from './check-versions.js';
import { viewFindings } from './consumers.js';
import { hashOf, isPublished, readContracts, readExamples, type ContractFolder } from './contract-folder.js';
import { encoded } from './examples.js';
import { notAContract, type Finding } from './finding.js';

/** What became of a wish to publish: `findings` say why not. */
export type Publication =
  | { readonly kind: 'published'; readonly version: number; readonly path: string }
  | { readonly kind: 'nothing-new'; readonly version: number }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] };

/**
 * Makes `schema.avsc` of a stream its next version, with the golden examples as they are now; for good. Refused when it
 * would break a reader, past or future. What an interrupted run left is completed.
 *
 * @throws RangeError when there is no such stream.
 */
export function publish(root: string, stream: string, views: readonly AnyView<unknown>[]): Publication {
  const folders = readContracts(root);
  const folder = folders.find((found) => found.stream === stream);
  if (!folder) throw new RangeError(`there is no schemas/${stream}/schema.avsc`);
  const newest = folder.versions.at(-1)?.number ?? 0;
  if (isPublished(folder) && versionFindings(folder).length === 0)
    return { kind: 'nothing-new', version: newest };
  const findings = toldObstacles(root, { folder, folders, views });
  if (findings.length > 0) return { kind: 'refused', findings };
  const number = isPublished(folder) ? newest : newest + 1;
  const path = `${folder.path}/versions/${number}`;
  if (!isPublished(folder)) putVersion(root, folder, path);
  pin(root, folder, number);
  return { kind: 'published', version: number, path };
}

interface Wish {
  readonly folder: ContractFolder;
  readonly folders: readonly ContractFolder[];
  readonly views: readonly AnyView<unknown>[];
}

/** What is no Avro at all cannot be compared. */
function toldObstacles(root: string, wish: Wish): readonly Finding[] {
  try {
    return obstacles(root, wish);
  } catch (failure) {
    return [notAContract(wish.folder.stream, failure)];
  }
}

function obstacles(root: string, { folder, folders, views }: Wish): readonly Finding[] {
  const newest = folder.versions.at(-1)?.number;
  // The newest one without its hash is what an interrupted run left.
  const isMended = ({ code, version }: Finding): boolean =>
    code === 'unpublished' || (code === 'version-unpinned' && version === newest && isPublished(folder));
  const readers = views.filter(({ source, references }) =>
    [source, ...references.map((joined) => joined.source)].some(({ name }) => folder.streams.includes(name)),
  );
  return [
    ...versionFindings(folder).filter((finding) => !isMended(finding)),
    ...compatibilityFindings(folder),
    ...viewFindings(readers, folders).filter(({ stream }) => folder.streams.includes(stream)),
    ...goldenFindings(root, folder),
  ];
}

/** The examples become those of the version: each must be an event of it. */
function goldenFindings(root: string, { stream, path, workingCopy }: ContractFolder): readonly Finding[] {
  return [...readExamples(join(root, path, 'golden'))].flatMap(([name, example]) => {
    const bytes = encoded(workingCopy, example);
    if (typeof bytes !== 'string') return [];
    const text = `stream ${stream}: ${path}/golden/${name} is no event of ${path}/schema.avsc: ${bytes}`;
    return { stream, code: 'example-broken' as const, text };
  });
}

/** Complete in another place first: half a version must never be seen. */
function putVersion(root: string, folder: ContractFolder, path: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(join(dirname(target), '.draft-'));
  try {
    cpSync(join(root, folder.path, 'schema.avsc'), join(draft, 'schema.avsc'));
    const golden = join(root, folder.path, 'golden');
    if (existsSync(golden)) cpSync(golden, join(draft, 'golden'), { recursive: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Last, so that whoever finds a hash finds its version. */
function pin(root: string, { path, hashes, workingCopy }: ContractFolder, number: number): void {
  const file = join(root, path, 'versions/hashes.json');
  const all = new Map([...hashes, [number, hashOf(workingCopy)]]);
  const text = JSON.stringify(
    Object.fromEntries([...all].toSorted(([left], [right]) => left - right)),
    null,
    2,
  );
  writeFileSync(`${file}.new`, `${text}\n`);
  renameSync(`${file}.new`, file);
}
