import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { viewServices as composedServices, withViewServices } from '../new-view/compose.js';
import { gatewayFile, gatewayPath } from '../new-view/gateway.js';
import { defaultPortBase } from '../options.js';
import { topology, views, type ServiceProcess } from '../topology.js';

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const dockerfile = readFileSync(join(root, 'infra/images/Dockerfile'), 'utf8');

const service = z.object({
  image: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  ports: z.array(z.string()).optional(),
  profiles: z.array(z.string()).optional(),
  mem_limit: z.string().optional(),
  extends: z.string().optional(),
  volumes: z.array(z.string()).optional(),
});
const file = z.object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) });
const { services, volumes } = file.parse(parse(text, { merge: true }));
const without = Object.entries(services).filter(([, { profiles }]) => profiles === undefined);

const connections = {
  kafkaBrokers: ['kafka:9092'],
  registryUrl: 'http://registry:8080/apis/ccompat/v7',
  postgresUrl: '',
  redisUrl: 'redis://redis:6379',
  elasticsearchUrl: 'http://elasticsearch:9200',
};

/** What `npm start` would tell a process, where the engines have the Compose file's names. */
function settingsOf({ database, environment }: ServiceProcess): Record<string, string> {
  const url = database && `postgres://${database}:\${POSTGRES_PASSWORD}@postgres:5432/${database}`;
  return environment(connections, url);
}

/** `384m` → 384. */
function megabytes(limit: string | undefined): number {
  const [, number = '', unit] = /^(\d+)([mg])$/.exec(limit ?? '') ?? [];
  return Number(number) * (unit === 'g' ? 1_024 : 1);
}

describe('the Compose file', () => {
  test('runs the processes of npm start, with the same settings, and no others', () => {
    const ours = without.filter(([, { command }]) => command?.[0]?.startsWith('services/'));
    expect(ours.map(([name, { command }]) => [name, command?.[0]]).toSorted()).toEqual(
      topology.map(({ name, entry }) => [name, entry]).toSorted(),
    );
    for (const process of topology)
      expect(services[process.name]?.environment).toMatchObject({
        ...settingsOf(process),
        REPRISE_KAFKA_BROKERS: '${REPRISE_KAFKA_BROKERS:-kafka:9092}',
        REPRISE_REGISTRY_URL: connections.registryUrl,
        REPRISE_HOST: '0.0.0.0',
        REPRISE_PORT: 8080,
      });
  });

  test('has each view as new:view would write it, beside it another version of its code, and its gateway', () => {
    for (const view of views) {
      expect(text).toContain(composedServices(view));
      expect(readFileSync(join(root, gatewayPath(view)), 'utf8')).toBe(gatewayFile(view));
    }
    const files = readdirSync(join(root, 'infra/gateway')).filter((name) => !name.startsWith('00-'));
    expect(files.toSorted()).toEqual(views.map(({ name }) => `${name}.cfg`).toSorted());
  });

  test('a view that is written into it is published by the gateway, and nothing else changes', () => {
    const view = { name: 'some-view', store: 'redis', portOffset: 9 } as const;
    const more = withViewServices(text, view);
    const added = file.parse(parse(more, { merge: true })).services;
    expect(added['gateway']?.ports).toEqual([
      ...(services['gateway']?.ports ?? []),
      '127.0.0.1:${REPRISE_PORTS:-74}09:7409',
    ]);
    expect(added['some-view']?.environment).toMatchObject({ REPRISE_REDIS_URL: 'redis://redis:6379' });
    expect(added['some-view-next-builder']).toMatchObject({
      extends: 'some-view-builder',
      profiles: ['next'],
    });
    const names = ['some-view', 'some-view-builder', 'some-view-next', 'some-view-next-builder'];
    expect(
      Object.keys(added)
        .filter((name) => !(name in services))
        .toSorted(),
    ).toEqual(names);
  });

  test('publishes on loopback only, and of the platform what clients ask, where npm start has it', () => {
    const all = Object.values(services).flatMap(({ ports = [] }) => ports);
    for (const port of all) expect(port).toMatch(/^127\.0\.0\.1:\$\{REPRISE_PORTS:-74\}\d\d:\d+$/);
    const base = String(defaultPortBase).slice(0, 2);
    const wanted = topology
      .filter(({ portOffset }) => portOffset < 10)
      .map(({ portOffset }) => `127.0.0.1:\${REPRISE_PORTS:-${base}}0${portOffset}`);
    expect(
      without
        .flatMap(([, { ports = [] }]) => ports)
        .map((port) => port.slice(0, port.lastIndexOf(':')))
        .toSorted(),
    ).toEqual(wanted.toSorted());
  });

  test('what runs by default, and the demo, fits 8 GiB', () => {
    const demo = Object.values(services).filter(
      ({ profiles }) => profiles === undefined || profiles.includes('demo'),
    );
    const limits = demo.map(({ mem_limit: limit }) => megabytes(limit));
    expect(limits.every((limit) => limit > 0)).toBe(true);
    expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(8_192);
  });

  test('every image has a full version, and every named volume is there', () => {
    for (const { image } of Object.values(services))
      if (image?.startsWith('reprise/services:') === false) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?$/);
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-bookworm-slim$/m);
    const named = Object.values(services)
      .flatMap(({ volumes: mounts = [] }) => mounts)
      .map((mount) => mount.split(':')[0] ?? '');
    expect(named.filter((name) => !name.startsWith('.')).toSorted()).toEqual(Object.keys(volumes).toSorted());
  });

  test('what it mounts from the checkout is there', () => {
    const mounts = without.flatMap(([, { volumes: named = [] }]) => named);
    for (const mount of mounts.filter((path) => path.startsWith('./')))
      expect([mount, existsSync(join(root, mount.split(':')[0] ?? ''))]).toEqual([mount, true]);
  });

  test('the image has the Node that the checkout pins', () => {
    const catalog = /^ {2}node: (\d\S*)$/m.exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'))?.[1];
    expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${catalog ?? ''}-bookworm-slim`);
    const pnpm = /npm install .* pnpm@(\S+)$/m.exec(dockerfile)?.[1];
    expect(readFileSync(join(root, 'infra/bin/bootstrap.mjs'), 'utf8')).toContain(`'pnpm@${pnpm ?? ''}'`);
  });
});
