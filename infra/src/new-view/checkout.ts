import { spawnSync, type StdioOptions } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartFailure } from '../failure.js';
import type { WrittenFile } from './render.js';

const pnpm = 'pnpm@12.21.0';
/** What lies outside the folder and knows of it. */
const edited = ['pnpm-lock.yaml', 'docker-compose.yml'];

/**
 * Puts the folder in its place all at once, and has pnpm link what it imports.
 * @throws when that fails; the checkout is then as it was.
 */
export function addToCheckout(
  root: string,
  folder: string,
  { files, compose }: { files: readonly WrittenFile[]; compose: string },
): void {
  const before = edited.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const target = join(root, folder);
  renameSync(draftOf(root, files), target);
  try {
    writeFileSync(join(root, 'docker-compose.yml'), compose);
    install(root);
  } catch (failure) {
    // Whatever it was, half a view must not stay.
    rmSync(target, { recursive: true, force: true });
    for (const { path, text } of before) writeFileSync(join(root, path), text);
    throw failure;
  }
}

/** The folder, complete, in another place. */
function draftOf(root: string, files: readonly WrittenFile[]): string {
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'new-view-'));
  for (const { path, text } of files) {
    mkdirSync(dirname(join(draft, path)), { recursive: true });
    writeFileSync(join(draft, path), text);
  }
  return draft;
}

/** From pnpm's own store where it has everything, which is the rule: the other views use the same packages. */
function install(root: string): void {
  const flags = ['install', '--no-frozen-lockfile', '--reporter=silent'];
  const found = pnpmStatus(root, [...flags, '--offline']);
  // Null: it was interrupted, so it is not tried again.
  const status = found === 0 || found === null ? found : pnpmStatus(root, flags);
  if (status !== 0) throw new StartFailure('pnpm could not install the new package.');
}

function pnpmStatus(root: string, args: readonly string[]): number | null {
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  return spawnSync('npx', ['-y', pnpm, ...args], { cwd: root, stdio }).status;
}
