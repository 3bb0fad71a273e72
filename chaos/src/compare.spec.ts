import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compare } from './compare.js';
import { groupLine, rowLine } from './expected.js';
import { Report } from './report.js';

const one = rowLine('F1', 'JFK', { status: 'departed', gate: { number: 4 } });
const other = rowLine('F2', 'JFK', { status: 'scheduled' });
const group = groupLine('{"hour":"5","route":"JFK-LAX"}', { flights: 2 }, {});

function findings(expected: readonly string[], actual: readonly string[]): readonly string[] {
  const report = new Report(join(mkdtempSync(join(tmpdir(), 'reprise-')), 'chaos.log'));
  compare({ name: 'board_g2', expected, actual }, report);
  return report.findings;
}

describe('comparing what the log says with what a store has', () => {
  test('the same lines are no finding', () => {
    expect(findings([group, one, other], [group, one, other])).toEqual([]);
  });

  test('a row that the store lost is missing', () => {
    expect(findings([one, other], [one])).toEqual([
      'board_g2: 1 missing, 0 extra, 0 different, of 2',
      `  the log says: ${other}`,
    ]);
  });

  test('a row that the log does not know is extra', () => {
    expect(findings([one], [one, other])[0]).toBe('board_g2: 0 missing, 1 extra, 0 different, of 1');
  });

  test('a row or group with another content is different', () => {
    const stale = rowLine('F1', 'JFK', { status: 'scheduled', gate: null });
    const doubled = groupLine('{"hour":"5","route":"JFK-LAX"}', { flights: 4 }, {});
    expect(findings([group, one], [doubled, stale])[0]).toBe(
      'board_g2: 0 missing, 0 extra, 2 different, of 2',
    );
  });

  test('a row that the store has twice is extra once', () => {
    expect(findings([one], [one, one])[0]).toBe('board_g2: 0 missing, 1 extra, 0 different, of 1');
  });
});
