import { expect, test } from '@jest/globals';
import { phasesOf } from './phases.js';

test('each status takes until the next one begins', () => {
  const changes = [
    { status: 'building', sinceMs: 1_000 },
    { status: 'catching-up', sinceMs: 9_000 },
    { status: 'ready', sinceMs: 9_500 },
  ];
  expect(phasesOf(changes)).toEqual({ seconds: 8.5, phases: { building: 8, 'catching-up': 0.5 } });
});

test('verifying is told, but does not count', () => {
  const changes = [
    { status: 'building', sinceMs: 0 },
    { status: 'verifying', sinceMs: 2_000 },
    { status: 'ready', sinceMs: 7_000 },
  ];
  expect(phasesOf(changes)).toEqual({ seconds: 2, phases: { building: 2, verifying: 5 } });
});
