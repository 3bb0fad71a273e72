import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { topology } from '../src/topology.js';
import { metricsIn } from './metric-names.js';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'infra/observability');

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

/** Every metric that the code declares. */
function declared(): Set<string> {
  const folders = ['libs', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name, 'src')),
  );
  const sources = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
      .map((path) => readFileSync(join(folder, path), 'utf8')),
  );
  return new Set(
    sources.flatMap((text) => [...text.matchAll(/name: '(reprise_\w+)'/g)].map(([, name = '']) => name)),
  );
}

const scrapes = z.object({
  scrape_configs: z.array(z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) })),
});
const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.strictObject({
          alert: z.string().startsWith('Reprise'),
          expr: z.string().min(1),
          for: z
            .string()
            .regex(/^\d+m$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string().min(1) }),
        }),
      ),
    }),
  ),
});
const target = z.object({ expr: z.string().min(1), legendFormat: z.string(), refId: z.string() });
const dashboard = z.object({
  uid: z.string(),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string().min(1),
      gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) }),
      targets: z.array(target).optional(),
    }),
  ),
});
const stage = z.record(z.string(), z.unknown());
const collector = z.object({
  receivers: stage.and(z.object({ prometheus: z.object({ config: scrapes }) })),
  processors: stage,
  exporters: stage,
  service: z.object({
    pipelines: z.record(
      z.string(),
      z.object({
        receivers: z.array(z.string()),
        processors: z.array(z.string()),
        exporters: z.array(z.string()),
      }),
    ),
  }),
});

const targets = topology.map(({ name }) => `${name}:8080`).sort();

describe('what watches the platform', () => {
  test('asks every process of the topology, and no other', () => {
    const asked = (from: z.infer<typeof scrapes>): string[] =>
      from.scrape_configs.flatMap(({ static_configs: all }) => all.flatMap((one) => one.targets)).sort();
    expect(asked(scrapes.parse(parse(read('prometheus.yml'))))).toEqual(targets);
    expect(asked(collector.parse(parse(read('otel-collector.yml'))).receivers.prometheus.config)).toEqual(
      targets,
    );
  });

  test.each(['alerts.yml', 'alerts.test.yml', 'grafana/dashboards/reprise.json'])(
    '%s names only metrics that the code declares',
    (file) => {
      const known = declared();
      const named = metricsIn(read(file)).filter((name) => name.startsWith('reprise_'));
      expect(named.length).toBeGreaterThan(5);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  test('alerts have a severity and say what is wrong, and each is told in the runbook', () => {
    const alerts = rules.parse(parse(read('alerts.yml'))).groups.flatMap((group) => group.rules);
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const runbook = readFileSync(join(root, 'docs/operations.md'), 'utf8');
    expect(names.filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
  });

  test('the dashboard has panels that do not overlap, each with a question', () => {
    const { panels } = dashboard.parse(JSON.parse(read('grafana/dashboards/reprise.json')));
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    const names = panels.flatMap(({ targets: asked = [] }) => asked.flatMap(({ expr }) => metricsIn(expr)));
    expect(new Set(names).size).toBeGreaterThan(25);
  });

  test('every stage of the collector’s pipelines is configured', () => {
    const { service, ...stages } = collector.parse(parse(read('otel-collector.yml')));
    for (const pipeline of Object.values(service.pipelines))
      for (const kind of ['receivers', 'processors', 'exporters'] as const)
        expect(Object.keys(stages[kind])).toEqual(expect.arrayContaining(pipeline[kind]));
  });
});

const promtool = process.env['REPRISE_PROMTOOL'] ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;
const withPromtool = hasPromtool ? test : test.skip;

describe(`by Prometheus itself${hasPromtool ? '' : ' (skipped: promtool is not on the PATH, nor in REPRISE_PROMTOOL)'}`, () => {
  withPromtool.each([
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('promtool %s %s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: folder, encoding: 'utf8' });
    expect({ status, said: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
  });
});
