import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FakeDocker {
  /** To be the first, or the only, folder of a PATH. */
  readonly path: string;
  /** The command lines so far. */
  calls(): string[];
}

/**
 * A program `docker` that stands for an engine of some kind, and notes how it was called.
 * @param cases Of a shell's `case`, by the whole command line: `'version '*) echo 28.0.0 ;;`. Any other ends with 1.
 */
export function fakeDocker(folder: string, cases: string): FakeDocker {
  mkdirSync(folder, { recursive: true });
  const notes = join(folder, 'calls');
  writeFileSync(notes, '');
  const refused = '*) echo "Cannot connect to the Docker daemon" >&2; exit 1 ;;';
  const lines = ['#!/bin/sh', `echo "$*" >> '${notes}'`, 'case "$*" in', cases, refused, 'esac', ''];
  writeFileSync(join(folder, 'docker'), lines.join('\n'));
  chmodSync(join(folder, 'docker'), 0o755);
  return { path: folder, calls: () => readFileSync(notes, 'utf8').split('\n').filter(Boolean) };
}
