import { describe, expect, test } from '@jest/globals';
import type { TimedCommand } from '../command.js';
import { batchesOf, type Batch } from './batches.js';
import { Pace } from './pace.js';

const never = new AbortController().signal;

/** Commands `0`, `1`, … a second apart, the odd ones of month 2. */
async function* commands(count: number): AsyncGenerator<TimedCommand> {
  for (let index = 0; index < count; index += 1) {
    yield await Promise.resolve({
      atMs: index * 1_000,
      month: 1 + (index % 2),
      line: { id: String(index), type: 'CancelFlight' },
    });
  }
}

async function batches(count: number, change: { skip?: number; completed?: number[]; pace?: Pace } = {}) {
  const found: Batch[] = [];
  const { skip = 0, completed = [], pace = new Pace(undefined, never) } = change;
  const options = { maxCommands: 3, skip, completedMonths: new Set(completed), pace };
  for await (const batch of batchesOf(commands(count), options)) found.push(batch);
  return found.map(({ commands: sent, acknowledges }) => [
    sent.map(({ line }) => line.id).join(' '),
    acknowledges,
  ]);
}

describe('batches', () => {
  test('are as large as they may be, and know how far they reach', async () => {
    expect(await batches(7)).toEqual([
      ['0 1 2', 3],
      ['3 4 5', 6],
      ['6', 7],
    ]);
    expect(await batches(0)).toEqual([]);
  });

  test('go on behind what was acknowledged before', async () => {
    expect(await batches(7, { skip: 5 })).toEqual([['5 6', 7]]);
    expect(await batches(7, { skip: 7 })).toEqual([]);
  });

  test('count the commands of completed months but leave them out', async () => {
    expect(await batches(9, { completed: [2] })).toEqual([
      ['0 2 4', 5],
      ['6 8', 9],
    ]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('stopped after %i commands leave nothing out', async (skip) => {
    const sent = (await batches(7, { skip })).map(([ids]) => ids).join(' ');
    expect(sent.split(' ').filter(Boolean)).toEqual(['0', '1', '2', '3', '4', '5', '6'].slice(skip));
  });

  test('at a pace go out as soon as nothing more is due', async () => {
    let nowMs = 0;
    const pace = new Pace(2, AbortSignal.abort(), () => nowMs);
    expect(pace.untilDueMs(10_000)).toBe(0);
    nowMs = 1_000;
    expect(pace.untilDueMs(12_000)).toBe(0);
    expect(pace.untilDueMs(13_000)).toBe(500);
    expect(await batches(3, { pace: new Pace(1, AbortSignal.abort(), () => 0) })).toEqual([
      ['0', 1],
      ['1', 2],
      ['2', 3],
    ]);
  });
});
