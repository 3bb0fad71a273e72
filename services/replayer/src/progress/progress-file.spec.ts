import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ProgressFile, selectionId } from './progress-file.js';

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'progress-'));
  path = join(folder, 'replay.json');
});

afterEach(() => rm(folder, { recursive: true }));

describe('the state file', () => {
  test('that is not there yet says that nothing was done', async () => {
    const file = await ProgressFile.open(path);
    expect(file.current).toEqual({ references: 0, selections: {}, completedMonths: [] });
    expect(file.acknowledgedOf('1')).toBe(0);
  });

  test('is found again as it was left, each selection by itself', async () => {
    const file = await ProgressFile.open(path);
    await file.saveReferences(4_796);
    await file.saveSelection('1', 2_000);
    await file.saveSelection('1-12', 6_000);
    await file.saveSelection('1', 4_000);
    await file.saveCompleted([3, 1]);
    await file.saveCompleted([2, 3]);
    const again = await ProgressFile.open(path);
    expect(again.current).toEqual({
      references: 4_796,
      selections: { '1': 4_000, '1-12': 6_000 },
      completedMonths: [1, 2, 3],
    });
    expect(again.acknowledgedOf('1-12')).toBe(6_000);
  });

  test('is replaced whole, and what a crash left beside it does no harm', async () => {
    const file = await ProgressFile.open(path);
    await file.saveReferences(2_000);
    await writeFile(`${path}.new`, '{"refer');
    const again = await ProgressFile.open(path);
    expect(again.current.references).toBe(2_000);
    await again.saveReferences(4_000);
    expect(await readdir(folder)).toEqual(['replay.json']);
  });

  test.each([
    ['is empty', ''],
    ['was cut off', '{"references": 1'],
    ['has a count below zero', '{"references":-1,"selections":{},"completedMonths":[]}'],
    ['has another form', '{"references":1}'],
  ])('that %s stops the replay and is left alone', async (_what, text) => {
    await writeFile(path, text);
    await expect(ProgressFile.open(path)).rejects.toThrow('does not say how far a replay came');
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('names selections by their months', () => {
    expect(selectionId([7])).toBe('7');
    expect(selectionId([1, 2, 3])).toBe('1-3');
  });
});
