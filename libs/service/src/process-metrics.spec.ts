import { afterEach, describe, expect, test } from '@jest/globals';
import type { Reading } from '@reprise/kernel';
import { fastify, type FastifyInstance } from 'fastify';
import { ProcessMetrics } from './process-metrics.js';
import { measureRequests } from './request-metrics.js';

const shape = { name: 'reprise_test_records', help: 'Records of a test', labels: ['view'] } as const;
const bare = { name: 'reprise_test_depth', help: 'Without labels', labels: [] } as const;

/** The samples of a metric, as the text has them. */
async function samples(metrics: ProcessMetrics, name: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines.filter((line) => line.startsWith(name) && !line.startsWith('#'));
}

describe('the metrics of a process', () => {
  test('counters add up, histograms sort into their buckets', async () => {
    const metrics = new ProcessMetrics();
    const counter = metrics.counter({ ...shape, name: 'reprise_test_total' });
    counter.add({ view: 'a' });
    counter.add({ view: 'a' }, 4);
    expect(await samples(metrics, 'reprise_test_total')).toEqual(['reprise_test_total{view="a"} 5']);
    const histogram = metrics.histogram({ ...bare, name: 'reprise_test_seconds', buckets: [1, 10] });
    histogram.observe({}, 5);
    expect(await samples(metrics, 'reprise_test_seconds')).toEqual([
      'reprise_test_seconds_bucket{le="1"} 0',
      'reprise_test_seconds_bucket{le="10"} 1',
      'reprise_test_seconds_bucket{le="+Inf"} 1',
      'reprise_test_seconds_sum 5',
      'reprise_test_seconds_count 1',
    ]);
  });

  test.each(['gauge', 'total'] as const)('what a %s is not told again is gone', async (kind) => {
    const metrics = new ProcessMetrics();
    const told = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    metrics[kind](shape, () => [...told].map(([view, value]) => ({ labels: { view }, value })));
    expect(await samples(metrics, shape.name)).toHaveLength(2);
    told.delete('a');
    told.set('b', 3);
    expect(await samples(metrics, shape.name)).toEqual(['reprise_test_records{view="b"} 3']);
  });

  test('one that cannot be told is left out, never shown as zero or as it was, and the others are there', async () => {
    const warned: unknown[] = [];
    const logger = { warn: (told: unknown) => void warned.push(told) };
    const metrics = new ProcessMetrics({ logger });
    let isAway = false;
    metrics.gauge(bare, () =>
      isAway ? Promise.reject(new Error('the store is away')) : [{ labels: {}, value: 7 }],
    );
    metrics.gauge(shape, () => [{ labels: { view: 'a' }, value: 1 }]);
    expect(await samples(metrics, bare.name)).toEqual(['reprise_test_depth 7']);
    isAway = true;
    const text = await metrics.text();
    expect(text).toContain('reprise_test_records{view="a"} 1');
    expect(text).not.toMatch(/^reprise_test_depth \d/m);
    expect(await samples(metrics, 'reprise_metric_failures_total')).toEqual([
      'reprise_metric_failures_total{metric="reprise_test_depth"} 1',
    ]);
    expect(warned).toContainEqual({ metric: 'reprise_test_depth', reason: 'the store is away' });
  });

  test('one that hangs does not hold up who looks, and is not asked again while it does', async () => {
    const metrics = new ProcessMetrics({ readLimitMs: 5 });
    let asked = 0;
    const answer = Promise.withResolvers<readonly Reading<never>[]>();
    metrics.gauge(bare, () => {
      asked += 1;
      return answer.promise;
    });
    expect(await samples(metrics, bare.name)).toEqual([]);
    expect(await samples(metrics, bare.name)).toEqual([]);
    expect(asked).toBe(1);
    answer.resolve([{ labels: {}, value: 1 }]);
    expect(await samples(metrics, bare.name)).toEqual(['reprise_test_depth 1']);
  });

  test('a name given twice is a mistake', () => {
    const metrics = new ProcessMetrics();
    metrics.counter(shape);
    expect(() => metrics.counter(shape)).toThrow(/already been registered/);
  });
});

describe('requests', () => {
  let server: FastifyInstance | undefined;

  afterEach(async () => {
    await server?.close();
  });

  test('are measured by the template of their route: neither a key nor an address that somebody made up is a label', async () => {
    const metrics = new ProcessMetrics();
    server = fastify();
    measureRequests(server, metrics);
    server.get('/flights/:id', (_, reply) => reply.status(404).send());
    await server.inject('/flights/2013-01-01-UA1545-EWR?token=secret');
    await server.inject('/flights/2013-01-02-UA1545-EWR');
    await server.inject('/wp-admin/1.php');
    const counts = await samples(metrics, 'reprise_http_request_duration_seconds_count');
    expect(counts).toEqual([
      'reprise_http_request_duration_seconds_count{method="GET",route="/flights/:id",status="404"} 2',
      'reprise_http_request_duration_seconds_count{method="GET",route="unknown",status="404"} 1',
    ]);
  });
});
