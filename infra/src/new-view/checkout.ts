import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WrittenFile } from './render.js';

export interface Addition {
  /** From the root of the checkout, as `services/airport-list`. */
  readonly folder: string;
  readonly files: readonly WrittenFile[];
  /** What lies outside the folder and knows of the view, from the root: written anew, or as it is with the view in it. */
  readonly outside: readonly WrittenFile[];
}

/**
 * Puts a view's folder in its place all at once, then has its packages installed.
 * @throws what `install` throws, and when the folder is there; the checkout is then as it was.
 */
export function addToCheckout(
  root: string,
  { folder, files, outside }: Addition,
  install: (root: string) => void,
): void {
  const edited = ['pnpm-lock.yaml', ...outside.map(({ path }) => path)];
  const before = edited.map((path) => ({ path, text: textOf(join(root, path)) }));
  const target = join(root, folder);
  putFolder(root, target, files);
  try {
    for (const { path, text } of outside) writeFileSync(join(root, path), text);
    install(root);
  } catch (failure) {
    // Whatever it was, half a view must not stay.
    rmSync(target, { recursive: true, force: true });
    for (const { path, text } of before) restore(join(root, path), text);
    throw failure;
  }
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function restore(path: string, text: string | undefined): void {
  if (text === undefined) rmSync(path, { force: true });
  else writeFileSync(path, text);
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
