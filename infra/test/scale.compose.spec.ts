import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { views } from '../src/topology.js';
import { until } from '../src/wait.js';
import { expectAllAnswers } from './all-answers.js';
import { Client, member } from './client.js';
import { ComposeProject } from './compose-project.js';
import { expectedFlights } from './expected-flights.js';
import { Writer } from './readers.js';
import { scheduledFlights, scheduleFlight } from './scheduled-flights.js';
import { partitionsOf, type PartitionState } from './topic-states.js';

const minute = 60_000;
const month = 1;
const days = Number(process.env['REPRISE_PROOF_DAYS'] ?? 1);
const limit = { limitMs: 5 * minute, everyMs: 100 };
const view = 'flight-search';
const brokers = ['kafka', 'kafka-2', 'kafka-3'] as const;

describe('three brokers, and two builders of each view', () => {
  const project = new ComposeProject(join(import.meta.dirname, '../..'));
  const client = new Client(project.portBase);
  const flights = expectedFlights(month, days);
  const scratch = mkdtempSync(join(tmpdir(), 'reprise-scale-'));
  let writer: Writer | undefined;

  beforeAll(async () => {
    const seconds = await project.up();
    process.stderr.write(`  ready after ${seconds.toFixed(0)} s\n`);
  }, 15 * minute);

  afterAll(async () => {
    await writer?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const isWhole = ({ replicas, inSync }: PartitionState): boolean => replicas === 3 && inSync === 3;
  const allWhole = () => until(async () => (await partitionsOf(project)).every(isWhole), limit);
  const shown = async (): Promise<number> => Number(member((await scheduledFlights(client)).body, 'total'));
  const live = async (): Promise<unknown> =>
    member(member((await client.control('GET', `/views/${view}`)).body, 'live'), 'number');

  async function writeOn(): Promise<void> {
    const wanted = (writer?.written ?? 0) + 30;
    expect(await until(() => (writer?.written ?? 0) >= wanted, limit)).toBe(true);
  }

  /** Builds it anew and waits until the new generation answers. */
  async function rebuild(): Promise<void> {
    const started = await client.control('POST', `/views/${view}/rebuilds`, { autoFlip: true });
    expect(started.status).toBe(202);
    const number = member(started.body, 'number');
    expect(await until(async () => (await live()) === number, limit)).toBe(true);
  }

  test(
    'all are well, and every record of every topic is on three brokers',
    async () => {
      const containers = await project.containers();
      for (const { Service, State, Health } of containers)
        if (Service !== 'provision')
          expect([Service, State, Health]).toEqual([Service, 'running', 'healthy']);
      const count = (name: string): number => containers.filter(({ Service }) => Service === name).length;
      expect(brokers.map(count)).toEqual([1, 1, 1]);
      expect(views.map(({ name }) => count(`${name}-builder`))).toEqual(views.map(() => 2));
      expect(await allWhole()).toBe(true);
      const partitions = await partitionsOf(project);
      expect(partitions.length).toBeGreaterThan(0);
      expect(partitions.filter(({ minInSync }) => minInSync !== 2)).toEqual([]);
      // Each leads some: what one broker takes along with it is not all, and not nothing.
      expect(new Set(partitions.map(({ leader }) => leader))).toEqual(new Set([1, 2, 3]));
    },
    10 * minute,
  );

  test(
    'each broker in turn is killed under writes, views are rebuilt without it: nothing is lost, refused or doubled',
    async () => {
      await project.replay({ month, days, scratch });
      writer = new Writer((number) => scheduleFlight(client, number), 1);
      for (const broker of brokers) {
        await writeOn();
        await project.compose(['kill', broker]);
        await writeOn();
        if (broker === 'kafka') await rebuild();
        await project.compose(['up', '--detach', '--wait', '--no-build', '--no-deps', broker]);
        expect(await allWhole()).toBe(true);
      }
      await writer.stop();
      expect(writer.refused).toEqual([]);
      expect(await until(async () => (await shown()) >= (writer?.written ?? 0), limit)).toBe(true);
      expect(await shown()).toBe(writer.written);
      await expectAllAnswers(client, flights);
    },
    20 * minute,
  );

  test(
    'one of two builders is taken away: the other goes on with all partitions',
    async () => {
      const written = writer?.written ?? 0;
      await project.docker(['rm', '--force', (await project.container(`${view}-builder`)).ID]);
      expect((await scheduleFlight(client, written + 1)).status).toBe(201);
      expect(await until(async () => (await shown()) === written + 1, limit)).toBe(true);
    },
    5 * minute,
  );
});
