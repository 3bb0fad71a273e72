import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { servicePorts } from '@reprise/infra';
import { testConnections } from '@reprise/testing';
import { ChaosRun } from '../src/chaos-run.js';
import { readGenerations, checkContents, loggedHistory } from '../src/check.js';
import { readLog } from '../src/expected.js';
import { checkHistory } from '../src/history/check-history.js';
import { HistoryClients } from '../src/history/clients.js';
import { countsAhead, Liar, losesWrites, standsStill, truth, type Lie } from '../src/history/liar.js';
import { addressOf, Network } from '../src/network.js';
import { Random } from '../src/random.js';
import { Report } from '../src/report.js';

const minute = 60_000;
/** Who stands before which service. */
type Lies = Partial<Record<'commands' | 'search', Lie>>;
/** A run with faults of every kind but of engines, which are not the test's to kill: that is what `npm run chaos` is for. */
const minutes = 1.5;
const seed = 20_140_601;

describe('the platform, while its processes are killed, sleep and leave and its network is parted, under load and rebuilds', () => {
  const connections = testConnections();
  const { portBase, stateDir } = connections;
  const report = new Report(join(stateDir, 'chaos.log'));
  let run: ChaosRun;
  let network: Network;

  beforeAll(async () => {
    const { postgresUrl, redisUrl, elasticsearchUrl } = connections;
    // Kafka tells its clients where it is, past any link.
    network = await Network.open({
      postgres: addressOf(postgresUrl),
      redis: addressOf(redisUrl),
      elasticsearch: addressOf(elasticsearchUrl),
    });
    run = new ChaosRun({
      root: join(import.meta.dirname, '../..'),
      ...{ stateDir, portBase, connections, network, minutes, seed, report },
      say: (text) => {
        report.note(text);
      },
    });
    await run.run();
  }, 10 * minute);

  afterAll(async () => {
    await run.stop();
    await network.stop();
  }, minute);

  test('nothing that was acknowledged is missing, extra or different anywhere', () => {
    expect(report.findings).toEqual([]);
    expect(report.counts.get('commands accepted')).toBeGreaterThan(200);
    expect(report.counts.get('acknowledged entities checked')).toBeGreaterThan(100);
    expect(report.counts.get('rows and groups compared')).toBeGreaterThan(100);
    expect(report.counts.get('restarts')).toBeGreaterThan(2);
    expect(report.counts.get('rebuilds')).toBeGreaterThan(0);
    expect(report.counts.get('history: reads')).toBeGreaterThan(8);
    expect(report.counts.get('history: writes accepted')).toBeGreaterThan(8);
  });

  /** What the check says of a history in which some services are stood in for by liars. */
  async function told(lies: Lies, firstWrite: number) {
    const url = (offset: number): string => `http://127.0.0.1:${portBase + offset}`;
    const commands = await Liar.open(url(servicePorts.flightCommands), lies.commands ?? truth);
    const search = await Liar.open(url(servicePorts.flightSearch), lies.search ?? truth);
    const history = new HistoryClients({
      urls: {
        ...{ commands: commands.url, search: search.url },
        board: url(servicePorts.departureBoard),
        timeline: url(servicePorts.flightTimeline),
      },
      ...{ random: new Random(firstWrite), report, firstWrite, sessions: 8 },
      file: join(stateDir, `history-${firstWrite}.ndjson`),
    });
    while (history.operations.length < 120) await pause(100);
    await history.stop();
    await Promise.all([commands.stop(), search.stop()]);
    const { views, connection } = await run.checked();
    await Promise.all(views.map(({ store }) => store.stop()));
    return checkHistory(history.operations, loggedHistory(await readLog(connection)));
  }

  test(
    'a history of honest services is found to be right',
    async () => {
      expect(await told({}, 10_000)).toEqual([]);
    },
    4 * minute,
  );

  test.each<{ does: string; lies: Lies; found: RegExp; firstWrite: number }>([
    {
      does: 'acknowledges and loses a write',
      lies: { commands: losesWrites(7) },
      found: /was acknowledged and is lost/,
      firstWrite: 20_000,
    },
    {
      does: 'tells versions one too high',
      lies: { commands: countsAhead },
      found: /was acknowledged as version \d+, the log/,
      firstWrite: 30_000,
    },
    {
      does: 'stands still',
      lies: { search: standsStill() },
      found: /^flight-search showed version \d+ of .* which had seen/,
      firstWrite: 40_000,
    },
  ])(
    'a service that $does is found out by the history of its clients',
    async ({ lies, found, firstWrite }) => {
      expect(await told(lies, firstWrite)).toContainEqual(expect.stringMatching(found));
    },
    4 * minute,
  );

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
