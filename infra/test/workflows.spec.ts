import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.github/workflows');
const files = readdirSync(folder);
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

function notesOf(version: string) {
  return spawnSync(process.execPath, [join(root, 'infra/bin/release-notes.mjs'), version], {
    encoding: 'utf8',
  });
}

describe('the workflows', () => {
  test.each(files)('%s uses actions by their full versions, and files that are there', (file) => {
    const used = [...read(file).matchAll(/uses: (\S+)/g)].map(([, name = '']) => name);
    for (const name of used)
      if (name.startsWith('./')) expect(existsSync(join(root, name))).toBe(true);
      else expect(name).toMatch(/^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/);
    const programs = [...read(file).matchAll(/(infra\/[\w./-]+\.(?:mjs|sh|ts)|infra\/images\/Dockerfile)/g)];
    for (const [path] of programs) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
  });

  test.each(files)('%s may write nothing but what a job says that it does', (file) => {
    expect(read(file)).toMatch(/^permissions:\n {2}contents: read$/m);
  });

  test.each([
    ['no version', /is no version/],
    ['99.0.0', /package.json has version/],
  ])('a release of "%s" is refused with the reason', (version, reason) => {
    const { status, stderr } = notesOf(version);
    expect({ status, said: stderr }).toEqual({ status: 1, said: expect.stringMatching(reason) });
  });
});

const cached = join(root, '.cache/tools/actionlint');
const actionlint = process.env['REPRISE_ACTIONLINT'] ?? (existsSync(cached) ? cached : 'actionlint');
const hasActionlint = spawnSync(actionlint, ['--version']).status === 0;
const withActionlint = hasActionlint ? test : test.skip;
const missing = hasActionlint
  ? ''
  : ' (skipped: actionlint is neither on the PATH, nor in REPRISE_ACTIONLINT or .cache/tools)';

withActionlint(`actionlint finds nothing in them${missing}`, () => {
  const { status, stdout } = spawnSync(
    actionlint,
    files.map((file) => join(folder, file)),
    { encoding: 'utf8' },
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
