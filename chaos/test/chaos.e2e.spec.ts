import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConnections } from '@reprise/testing';
import { ChaosRun } from '../src/chaos-run.js';
import { readGenerations, checkContents } from '../src/check.js';
import { readLog } from '../src/expected.js';
import { Report } from '../src/report.js';

const minute = 60_000;
/** A run with faults of every kind but of engines, which are not the test's to kill: that is what `npm run chaos` is for. */
const minutes = 1.2;
const seed = 20_140_601;

describe('the platform, while its processes are killed, sleep and leave under load and rebuilds', () => {
  const connections = testConnections();
  const { portBase, stateDir } = connections;
  const report = new Report(join(stateDir, 'chaos.log'));
  const run = new ChaosRun({
    root: join(import.meta.dirname, '../..'),
    stateDir,
    portBase,
    connections,
    minutes,
    seed,
    report,
    say: (text) => {
      report.note(text);
    },
  });

  beforeAll(async () => {
    await run.run();
  }, 10 * minute);

  afterAll(async () => {
    await run.stop();
  }, minute);

  test('nothing that was acknowledged is missing, extra or different anywhere', () => {
    expect(report.findings).toEqual([]);
    expect(report.counts.get('commands accepted')).toBeGreaterThan(200);
    expect(report.counts.get('acknowledged entities checked')).toBeGreaterThan(100);
    expect(report.counts.get('rows and groups compared')).toBeGreaterThan(100);
    expect(report.counts.get('restarts')).toBeGreaterThan(2);
    expect(report.counts.get('rebuilds')).toBeGreaterThan(0);
  });

  test(
    'a row that a store loses behind the log’s back is named',
    async () => {
      await run.stop();
      const { views, connection } = await run.checked();
      try {
        const generations = await readGenerations(connection);
        const log = await readLog(connection);
        const board = views.find(({ view }) => view.name === 'departure-board');
        const name = generations.get('departure-board')?.fed.at(-1);
        if (!board || name === undefined) throw new RangeError('no board is fed');
        const generation = board.store.generation(name);
        const lost = await firstRow(generation);
        const claim = await generation.claim([...(await generation.positions()).keys()][0] ?? '');
        const removal = { kind: 'remove', version: Number.MAX_SAFE_INTEGER, ...lost } as const;
        const { nextOffset, references } = claim;
        const nothingElse = { contributed: new Map(), links: [], nextOffset, references };
        expect(await generation.apply({ claim, changes: [removal], ...nothingElse })).toBe('applied');
        const second = new Report(join(stateDir, 'second-check.log'));
        await checkContents({ connection, views: [board], report: second }, { generations, log });
        expect(second.findings[0]).toMatch(new RegExp(`^${name}: 1 missing, 0 extra, 0 different`));
        expect(second.findings[1]).toContain(`the log says: row ${JSON.stringify([lost.entity, lost.key])}`);
        expect(second.findings).toHaveLength(2);
      } finally {
        await Promise.all(views.map(({ store }) => store.stop()));
      }
    },
    2 * minute,
  );
});

async function firstRow(generation: {
  contents(): AsyncIterable<{ readonly kind: string; readonly entity?: string; readonly key?: string }>;
}): Promise<{ readonly entity: string; readonly key: string }> {
  for await (const { entity, key } of generation.contents())
    if (entity !== undefined && key !== undefined) return { entity, key };
  throw new RangeError('it has no row');
}
