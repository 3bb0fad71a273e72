import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WrittenFile } from './render.js';

/** What lies outside the folder and knows of it. */
const edited = ['pnpm-lock.yaml', 'docker-compose.yml'];

export interface Addition {
  /** From the root of the checkout, as `services/airport-list`. */
  readonly folder: string;
  readonly files: readonly WrittenFile[];
  /** The Compose file, with the view in it. */
  readonly compose: string;
}

/**
 * Puts a view's folder in its place all at once, then has its packages installed.
 * @throws what `install` throws, and when the folder is there; the checkout is then as it was.
 */
export function addToCheckout(
  root: string,
  { folder, files, compose }: Addition,
  install: (root: string) => void,
): void {
  const before = edited.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const target = join(root, folder);
  putFolder(root, target, files);
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

/** Complete in another place first: a rename is all or nothing, and refused where there is something. */
function putFolder(root: string, target: string, files: readonly WrittenFile[]): void {
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'new-view-'));
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(draft, path)), { recursive: true });
      writeFileSync(join(draft, path), text);
    }
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
