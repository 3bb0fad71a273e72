import { describe, expect, test } from '@jest/globals';
import { ProcessMetrics } from '@reprise/service';
import type { GenerationProgress } from '../generation-runner.js';
import { BuilderMetrics } from './builder-metrics.js';
import { FeedTally } from './feed-tally.js';

function progressOf(partitions: readonly string[], reached: Record<string, bigint>): GenerationProgress {
  const tally = new FeedTally();
  const problem = undefined;
  return {
    recordsRead: 12,
    partitions,
    reached: new Map(Object.entries(reached)),
    problem,
    phase: 'feeding',
    tally,
  };
}

describe('what a builder says in numbers', () => {
  const metrics = new ProcessMetrics();
  const fed = new Map<number, GenerationProgress>();
  let nowMs = 1_000_000;
  const measured = new BuilderMetrics({
    view: 'parcels',
    metrics,
    progress: () => fed,
    nowMs: () => nowMs,
  });

  async function samples(name: string): Promise<string[]> {
    return (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
  }

  test('lag is told of the partitions that are owned and of all that are joined, for each generation', async () => {
    fed.set(1, progressOf(['parcels/0'], { 'parcels/0': 7n, 'towns/0': 2n }));
    fed.set(2, progressOf(['parcels/0', 'parcels/1'], {}));
    measured.see(
      new Map([
        ['parcels/0', 10n],
        ['parcels/1', 4n],
        ['towns/0', 2n],
      ]),
    );
    const name = 'reprise_builder_lag_records';
    expect(await samples(name)).toEqual([
      `${name}{view="parcels",generation="1",topic="parcels",partition="0"} 3`,
      `${name}{view="parcels",generation="1",topic="towns",partition="0"} 0`,
      `${name}{view="parcels",generation="2",topic="parcels",partition="0"} 10`,
      `${name}{view="parcels",generation="2",topic="parcels",partition="1"} 4`,
      `${name}{view="parcels",generation="2",topic="towns",partition="0"} 2`,
    ]);
  });

  test('seconds behind go on while nothing is applied, also with the log away', async () => {
    nowMs += 30_000;
    const name = 'reprise_builder_lag_seconds';
    expect((await samples(name))[0]).toBe(
      `${name}{view="parcels",generation="1",topic="parcels",partition="0"} 30`,
    );
    expect(await samples('reprise_builder_log_seen_timestamp_seconds')).toEqual([
      'reprise_builder_log_seen_timestamp_seconds{view="parcels"} 1000',
    ]);
  });

  test('a generation that is no longer fed leaves no series behind', async () => {
    fed.delete(1);
    const text = await metrics.text();
    expect(text).not.toContain('generation="1"');
    expect(text).toContain('generation="2"');
  });

  test('a builder without a partition says nothing of lag', async () => {
    fed.set(2, progressOf([], {}));
    expect(await samples('reprise_builder_lag_records')).toEqual([]);
  });
});
