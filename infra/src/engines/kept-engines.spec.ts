import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { containersMarker } from './docker-engines.js';
import { keptEngines } from './kept-engines.js';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'kept-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

test('a second start finds its data where the first put them', () => {
  expect(keptEngines(join(stateDir, 'new'))).toBeUndefined();
  expect(keptEngines(stateDir)).toBeUndefined();
  writeFileSync(join(stateDir, containersMarker), '');
  expect(keptEngines(stateDir)).toMatchObject({ kind: 'docker' });
  // Local engines make their folder before they find that a machine lacks what they need.
  mkdirSync(join(stateDir, 'data'));
  expect(keptEngines(stateDir)).toMatchObject({ kind: 'docker' });
  rmSync(join(stateDir, containersMarker));
  expect(keptEngines(stateDir)).toBeUndefined();
  mkdirSync(join(stateDir, 'data/kafka'));
  expect(keptEngines(stateDir)).toMatchObject({ kind: 'local' });
});

test('where both were used somebody has to say which', () => {
  writeFileSync(join(stateDir, containersMarker), '');
  mkdirSync(join(stateDir, 'data/kafka'), { recursive: true });
  expect(keptEngines(stateDir)).toBeUndefined();
});
