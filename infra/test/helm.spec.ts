import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { topology, views } from '../src/topology.js';

const root = join(import.meta.dirname, '../..');
const chart = join(root, 'infra/helm/reprise');

function read(path: string): string {
  return readFileSync(join(chart, path), 'utf8');
}

const object = z.record(z.string(), z.unknown());
const values = object.parse(parse(read('values.yaml')));
const schema = object.parse(JSON.parse(read('values.schema.json')));

/** As Helm lays one over the other: objects are merged, all else is replaced. */
function over(base: unknown, given: unknown): unknown {
  const [below, above] = [object.safeParse(base), object.safeParse(given)];
  if (!below.success || !above.success) return given;
  const merged = { ...below.data };
  for (const [name, value] of Object.entries(above.data)) merged[name] = over(below.data[name], value);
  return merged;
}

/** Paths of all values; what is in lists is not looked into, as its names are those of the schema. */
function pathsOf(value: unknown, prefix = ''): string[] {
  const known = object.safeParse(value);
  if (!known.success || Object.keys(known.data).length === 0) return [prefix];
  return Object.entries(known.data).flatMap(([name, inner]) => pathsOf(inner, `${prefix}.${name}`));
}

const accepts = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
const refusal = (given: unknown): string =>
  accepts(over(values, given)) ? '' : JSON.stringify(accepts.errors);

describe('the values of the chart', () => {
  test.each(['values.yaml', 'values-production.yaml', 'ci/development-values.yaml'])(
    '%s is as described',
    (file) => {
      expect(refusal(parse(read(file)))).toBe('');
    },
  );

  test.each([
    ['a name that is misspelt', { kafka: { borkers: [] } }, 'additionalProperties'],
    [
      'a store that there is not',
      { views: [{ name: 'a', store: 'mongo', partitions: 1, versions: [] }] },
      'enum',
    ],
    [
      'a view without a version',
      { views: [{ name: 'ab', store: 'redis', partitions: 1, versions: [] }] },
      'minItems',
    ],
    ['a broker without a port', { kafka: { brokers: ['kafka'] } }, 'pattern'],
    ['a mode of auth that there is not', { auth: { mode: 'none' } }, 'enum'],
    ['too little time to finish', { terminationGracePeriodSeconds: 5 }, 'minimum'],
  ])('%s is refused', (_, given, reason) => {
    expect(refusal(given)).toContain(reason);
  });

  test('templates use all of them, and no others', () => {
    const templates = readdirSync(join(chart, 'templates')).map((name) => read(`templates/${name}`));
    const used = new Set(
      templates.flatMap((text) =>
        [...text.matchAll(/\$?(?:\.root)?\.Values((?:\.\w+)+)/g)].map(([, path = '']) => path),
      ),
    );
    // Parts that templates take by a name of their own.
    for (const text of templates)
      for (const part of ['auth', 'image', 'kafka', 'tls', 'registry'])
        for (const [, path = ''] of text.matchAll(new RegExp(`\\$(?:values\\.)?${part}((?:\\.\\w+)+)`, 'g')))
          used.add(`.${part}${path}`);
    for (const text of templates)
      for (const [, path = ''] of text.matchAll(/\$values((?:\.\w+)+)/g)) used.add(path);
    const known = pathsOf(values);
    const isUsed = (path: string) => [...used].some((one) => path === one || path.startsWith(`${one}.`));
    expect(known.filter((path) => !isUsed(path))).toEqual([]);
    const isKnown = (path: string) => known.some((one) => one === path || one.startsWith(`${path}.`));
    expect([...used].filter((path) => !isKnown(path))).toEqual([]);
  });

  test('hold the views and the command services of this checkout', () => {
    const named = z.array(z.object({ name: z.string(), store: z.string().optional() }));
    expect(named.parse(values['views']).map(({ name, store }) => ({ name, store }))).toEqual(
      views.map(({ name, store }) => ({ name, store })),
    );
    expect(named.parse(values['commands']).map(({ name }) => name)).toEqual(['flight-commands']);
  });

  test('processes know every variable that they are told: an unknown one would keep them from starting', () => {
    const told = readdirSync(join(chart, 'templates')).flatMap(
      (name) => read(`templates/${name}`).match(/REPRISE_[A-Z_]+/g) ?? [],
    );
    const sources = [
      'infra/src/provision-cluster.ts',
      ...readdirSync(join(root, 'services')).map((name) => `services/${name}/src/config.ts`),
      ...readdirSync(join(root, 'libs/service/src'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
        .map((name) => `libs/service/src/${name}`),
    ].filter((path) => existsSync(join(root, path)));
    const known = new Set(
      sources.flatMap(
        (path) => readFileSync(join(root, path), 'utf8').match(/\bREPRISE_[A-Z_]+(?=:)/g) ?? [],
      ),
    );
    expect(new Set(told).size).toBeGreaterThan(15);
    expect([...new Set(told)].filter((name) => !known.has(name))).toEqual([]);
  });

  test('the alerts are those that Prometheus is given elsewhere', () => {
    expect(read('files/alerts.yml')).toBe(readFileSync(join(root, 'infra/observability/alerts.yml'), 'utf8'));
  });
});

const cached = (name: string) => join(root, '.cache/tools', name);
const tool = (name: string) =>
  process.env[`REPRISE_${name.toUpperCase()}`] ?? (existsSync(cached(name)) ? cached(name) : name);
const isThere = (name: string, asked: string) => spawnSync(tool(name), [asked]).status === 0;
const hasHelm = isThere('helm', 'version');
const withHelm = hasHelm ? test : test.skip;
const schemas = process.env['REPRISE_KUBERNETES_SCHEMAS'] ?? cached('kubernetes-schemas');
const hasKubeconform = hasHelm && isThere('kubeconform', '-v') && existsSync(schemas);
const withKubeconform = hasKubeconform ? test : test.skip;
const unchecked = hasKubeconform
  ? ''
  : ' (skipped: kubeconform, or the schemas that infra/helm/fetch-schemas.sh fetches, are not there)';

const container = z.object({
  args: z.tuple([z.string()]),
  env: z.array(z.object({ name: z.string() })),
  resources: z.object({ requests: object, limits: z.object({ memory: z.string() }) }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
});
const pod = z.object({
  automountServiceAccountToken: z.literal(false),
  securityContext: z.object({ runAsNonRoot: z.literal(true) }),
  containers: z.tuple([container]),
});
const lasting = pod.extend({
  terminationGracePeriodSeconds: z.int().min(30),
  topologySpreadConstraints: z.array(z.object({ topologyKey: z.string() })).length(2),
  containers: z.tuple([
    container.extend({
      startupProbe: object,
      livenessProbe: object,
      readinessProbe: z.object({ httpGet: z.object({ path: z.string() }) }),
    }),
  ]),
});
const manifest = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string().max(63) }),
  spec: z.record(z.string(), z.unknown()).optional(),
});
const podTemplate = z.object({
  template: z.object({ metadata: z.object({ labels: object }), spec: z.unknown() }),
});

function helm(...args: string[]) {
  return spawnSync(tool('helm'), args, { cwd: chart, encoding: 'utf8' });
}

/** A Helm that was built by `go install` does not know which Kubernetes it is for. */
function template(...args: string[]) {
  return helm('template', 'flights', '.', '--kube-version', '1.31.0', ...args);
}

function rendered(file: string, ...more: string[]): z.infer<typeof manifest>[] {
  const { status, stdout, stderr } = template('--values', file, ...more);
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => manifest.parse(document.toJS()));
}

const missing = hasHelm ? '' : ' (skipped: helm is neither on the PATH, nor in REPRISE_HELM or .cache/tools)';

describe(`the chart, by Helm itself${missing}`, () => {
  withHelm('has nothing that its linter finds', () => {
    const { status, stdout } = helm('lint', '--strict', '.', '--values', 'ci/development-values.yaml');
    expect({ status, stdout }).toMatchObject({ status: 0 });
  });

  withHelm('is not installed without a word on who is let in', () => {
    const { status, stderr } = template();
    expect(status).not.toBe(0);
    expect(stderr).toContain('auth.issuer is needed with auth.mode jwt');
  });

  withHelm.each(['ci/development-values.yaml', 'values-production.yaml'])(
    'with %s every process runs with few rights, bounded, and with time to finish',
    (file) => {
      const all = rendered(file);
      const deployments = all.filter(({ kind }) => kind === 'Deployment');
      for (const { spec } of deployments) lasting.parse(podTemplate.parse(spec).template.spec);
      for (const { spec } of all.filter(({ kind }) => kind === 'Job'))
        pod.parse(podTemplate.parse(spec).template.spec);
      const entries = new Set(
        deployments.map(
          ({ spec }) => lasting.parse(podTemplate.parse(spec).template.spec).containers[0].args[0],
        ),
      );
      expect(entries).toEqual(new Set(topology.map(({ entry }) => entry)));
      expect(new Set(all.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).size).toBe(all.length);
    },
  );

  withHelm(
    'two versions of a view run side by side, and only what reads the live one gets its requests',
    () => {
      const all = rendered('values-production.yaml');
      const names = all.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
      expect(names.filter((name) => name.includes('flight-search')).toSorted()).toEqual([
        'flights-flight-search-v1',
        'flights-flight-search-v1-builder',
        'flights-flight-search-v2',
        'flights-flight-search-v2-builder',
      ]);
      const ready = (name: string) => {
        const found = all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
        return lasting.parse(podTemplate.parse(found?.spec).template.spec).containers[0].readinessProbe
          .httpGet.path;
      };
      expect(ready('flights-flight-search-v2')).toBe('/health/live-version');
      expect(ready('flights-departure-board-v1')).toBe('/health/ready');
      const service = all.find(
        ({ kind, metadata }) => kind === 'Service' && metadata.name === 'flights-flight-search',
      );
      expect(service?.spec?.['selector']).toEqual({
        'app.kubernetes.io/instance': 'flights',
        'reprise/answers': 'flight-search',
      });
    },
  );

  withHelm('a view more is an entry more', () => {
    const added = JSON.stringify([
      ...z.array(z.unknown()).parse(values['views']),
      { name: 'airport-traffic', store: 'postgres', partitions: 6, versions: [{ name: 'v1' }] },
    ]);
    const all = rendered('ci/development-values.yaml', '--set-json', `views=${added}`);
    const own = all.filter(({ metadata }) => metadata.name.includes('airport-traffic'));
    expect(own.map(({ kind }) => kind).toSorted()).toEqual([
      'Deployment',
      'Deployment',
      'PodDisruptionBudget',
      'PodDisruptionBudget',
      'Service',
      'Service',
    ]);
  });

  withKubeconform(`all objects are what Kubernetes takes${unchecked}`, () => {
    const all = ['ci/development-values.yaml', 'values-production.yaml'].map(
      (file) => template('--values', file).stdout,
    );
    const location = `${schemas}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
    const checked = spawnSync(tool('kubeconform'), ['-strict', '-summary', '-schema-location', location], {
      input: all.join('\n---\n'),
      encoding: 'utf8',
    });
    expect({ status: checked.status, said: checked.stdout }).toMatchObject({ status: 0 });
    expect(checked.stdout).toMatch(/Invalid: 0, Errors: 0, Skipped: 0/);
  });
});
