import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CommandStore } from '@reprise/command-store';
import { catalogue } from '@reprise/contracts';
import {
  LogAdmin,
  LogProducer,
  provisionStreams,
  StreamDecoder,
  StreamEncoder,
  type LogConnection,
} from '@reprise/log';
import { logConnection, logSettings, parseSettings } from '@reprise/service';
import { certificates, testConnections, uniqueName, type Certificates } from '@reprise/testing';
import { ElasticsearchViewStore } from '@reprise/view-store-elasticsearch';
import { PostgresViewStore } from '@reprise/view-store-postgres';
import { RedisViewStore } from '@reprise/view-store-redis';
import { z } from 'zod';
import { Distributions } from '../src/distributions.js';
import { Engine } from '../src/engines/engine.js';
import { kafka } from '../src/engines/kafka.js';
import { postgresBinaries } from '../src/engines/local-engines.js';
import { postgres } from '../src/engines/postgres.js';
import { redis } from '../src/engines/redis.js';
import { findJdk } from '../src/jdk.js';
import { enginePorts } from '../src/ports.js';
import { UnprivilegedUser } from '../src/unprivileged.js';
import { TlsGate } from './tls-gate.js';

jest.setTimeout(180_000);

const stateDir = mkdtempSync(join(tmpdir(), 'reprise-tls-'));
const { portBase } = testConnections();
const cacheDir = join(import.meta.dirname, '../../.cache/engines');
const started: Engine[] = [];
let ours: Certificates;
/** Vouched for by somebody whom we are not told to believe. */
let other: Certificates;

beforeAll(async () => {
  // An engine may run as another user.
  chmodSync(stateDir, 0o755);
  ours = await certificates(join(stateDir, 'ours'));
  other = await certificates(join(stateDir, 'other'));
});

afterAll(async () => {
  for (const engine of started) await engine.stop();
  rmSync(stateDir, { recursive: true });
});

async function start(spec: ConstructorParameters<typeof Engine>[0]): Promise<void> {
  const engine = new Engine(spec, stateDir);
  started.push(engine);
  await engine.start(() => undefined);
}

describe('Kafka by SASL_SSL', () => {
  const port = portBase + 30;
  const broker = `localhost:${port}`;
  const password = 'a-password-of-a-test';

  beforeAll(async () => {
    const loginModule = (name: string, more = ''): string =>
      `org.apache.kafka.common.security.${name} required${more};`;
    const clear = `127.0.0.1:${portBase + enginePorts.kafka}`;
    await start(
      kafka({
        dataDir: join(stateDir, 'kafka'),
        portBase,
        jdkHome: findJdk(),
        distributions: new Distributions(cacheDir, findJdk()),
        settings: {
          listeners: `PLAINTEXT://${clear},CONTROLLER://127.0.0.1:${portBase + enginePorts.kafkaController},SECURE://localhost:${port}`,
          'advertised.listeners': `PLAINTEXT://${clear},SECURE://${broker}`,
          'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.location': ours.keyAndCert,
          'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
          'listener.name.secure.plain.sasl.jaas.config': loginModule(
            'plain.PlainLoginModule',
            ` user_ann="${password}"`,
          ),
          'listener.name.secure.scram-sha-256.sasl.jaas.config': loginModule('scram.ScramLoginModule'),
          'listener.name.secure.scram-sha-512.sasl.jaas.config': loginModule('scram.ScramLoginModule'),
        },
        // Users of SCRAM are in the broker's own data, so they are made with it.
        formatOptions: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
          (mechanism) => `--add-scram=${mechanism}=[name=ann,password=${password}]`,
        ),
      }),
    );
  });

  function connection(environment: Record<string, string>): LogConnection {
    const settings = parseSettings(z.object(logSettings), {
      REPRISE_KAFKA_BROKERS: broker,
      REPRISE_REGISTRY_URL: testConnections().registryUrl,
      REPRISE_KAFKA_TLS: 'true',
      REPRISE_KAFKA_CA_FILE: ours.ca,
      REPRISE_KAFKA_SASL: 'scram-sha-512',
      REPRISE_KAFKA_USERNAME: 'ann',
      REPRISE_KAFKA_PASSWORD: password,
      ...environment,
    });
    return logConnection(settings, 'tls-test');
  }

  async function reach(environment: Record<string, string>): Promise<void> {
    const admin = new LogAdmin(connection(environment));
    try {
      await admin.endOffsets([]);
    } finally {
      await admin.stop();
    }
  }

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'is written to as somebody by %s',
    async (mechanism) => {
      const log = connection({ REPRISE_KAFKA_SASL: mechanism });
      const stream = { ...catalogue.airline, topic: uniqueName('airline'), subject: uniqueName('airline') };
      await provisionStreams({ stream }, log);
      const producer = new LogProducer(log);
      try {
        const places = await producer.append([{ topic: stream.topic, key: 'k', value: null, headers: {} }]);
        expect(places).toMatchObject([{ topic: stream.topic, offset: 0n }]);
      } finally {
        await producer.stop();
      }
    },
  );

  test('is refused to whoever is not believed, or does not believe it', async () => {
    await expect(reach({ REPRISE_KAFKA_PASSWORD: 'wrong' })).rejects.toThrow();
    await expect(reach({ REPRISE_KAFKA_SASL: 'plain', REPRISE_KAFKA_PASSWORD: 'wrong' })).rejects.toThrow();
    await expect(reach({ REPRISE_KAFKA_CA_FILE: other.ca })).rejects.toThrow();
  });
});

describe('Postgres by TLS', () => {
  let url: string;

  beforeAll(async () => {
    const user = UnprivilegedUser.find();
    // It takes no key that others could read.
    const key = join(stateDir, 'postgres.key');
    cpSync(ours.key, key);
    chmodSync(key, 0o600);
    if (user.owner) chownSync(key, user.owner.uid, user.owner.gid);
    const settings = { ssl: 'on', ssl_cert_file: ours.cert, ssl_key_file: key };
    const password = 'a-password-of-a-test';
    const spec = postgres({
      dataDir: join(stateDir, 'postgres'),
      ...{ portBase, password, binDir: postgresBinaries(), user, settings },
    });
    await start(spec);
    url = spec.url.replace('127.0.0.1', 'localhost');
  });

  const verified = (ca: string): string => `${url}?sslmode=verify-full&sslrootcert=${ca}`;

  async function ask(connectionString: string): Promise<unknown> {
    const layout = { parseRow: () => undefined };
    const store = new PostgresViewStore({ connectionString, layout });
    try {
      return await store.query('SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()', []);
    } finally {
      await store.stop();
    }
  }

  test('is a view’s store whom we believe', async () => {
    expect(await ask(verified(ours.ca))).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
    expect(await ask(url)).toEqual([{ ssl: false, version: null }]);
  });

  test('is not when somebody else vouches for it, or nobody whom Node knows', async () => {
    await expect(ask(verified(other.ca))).rejects.toThrow(/certificate/);
    await expect(ask(`${url}?sslmode=verify-full`)).rejects.toThrow(/certificate/);
  });

  test('is a write store as well', async () => {
    const { kafkaBrokers: brokers, registryUrl } = testConnections();
    const open = (connectionString: string): CommandStore =>
      new CommandStore({
        connectionString,
        source: '/tls-test',
        entities: [],
        log: { brokers, registryUrl, clientId: 'tls-test' },
        clock: { nowMs: () => 0 },
      });
    const store = open(verified(ours.ca));
    await store.start();
    expect(await store.outboxDepth()).toBe(0);
    await store.stop();
    const wrong = open(verified(other.ca));
    await expect(wrong.outboxDepth()).rejects.toThrow(/certificate/);
    await wrong.stop();
  });
});

describe('Redis by TLS', () => {
  const port = portBase + 31;
  const password = 'a-password-of-a-test';

  beforeAll(async () => {
    const aclfile = join(stateDir, 'users.acl');
    const users = [`user ann on >${password} ~* &* +@all`, 'user default on nopass ~* &* +@all', ''];
    writeFileSync(aclfile, users.join('\n'));
    await start(
      redis({
        dataDir: join(stateDir, 'redis'),
        portBase,
        distributions: new Distributions(cacheDir, findJdk()),
        settings: {
          'tls-port': String(port),
          'tls-cert-file': ours.cert,
          'tls-key-file': ours.key,
          'tls-ca-cert-file': ours.ca,
          'tls-auth-clients': 'no',
          aclfile,
        },
      }),
    );
  });

  async function ask(address: string): Promise<unknown> {
    const store = new RedisViewStore({ url: address, layout: { parseRow: () => 0, indexes: () => [] } });
    const generation = uniqueName('tls_g');
    try {
      await store.generation(generation).open(['t/0']);
      return await store.range(generation, { index: 'x', min: 0, max: 1, limit: 1 });
    } finally {
      await store.stop();
    }
  }

  test('is a view’s store whom we believe, as somebody', async () => {
    expect(await ask(`rediss://ann:${password}@localhost:${port}?sslrootcert=${ours.ca}`)).toEqual([]);
  });

  test('is not when somebody else vouches for it, or the password is wrong', async () => {
    const address = (who: string, ca: string): string =>
      `rediss://${who}@localhost:${port}?sslrootcert=${ca}`;
    await expect(ask(address(`ann:${password}`, other.ca))).rejects.toThrow();
    await expect(ask(address('ann:wrong-password', ours.ca))).rejects.toThrow();
    await expect(ask(`rediss://ann:${password}@localhost:${port}`)).rejects.toThrow();
  });
});

describe('Elasticsearch by TLS', () => {
  const key = 'an-api-key-of-a-test';
  const login = Buffer.from('ann:a-password-of-a-test').toString('base64');
  let gate: TlsGate;
  let url: string;

  beforeAll(async () => {
    gate = new TlsGate(ours, new URL(testConnections().elasticsearchUrl), (authorization) =>
      [`ApiKey ${key}`, `Basic ${login}`].includes(authorization ?? ''),
    );
    url = await gate.open();
    writeFileSync(join(stateDir, 'api-key'), `${key}\n`);
  });
  afterAll(() => gate.close());

  async function ask(node: string): Promise<boolean> {
    const layout = { properties: { name: { type: 'keyword' } }, parseRow: () => 0 } as const;
    const store = new ElasticsearchViewStore({ node, layout });
    try {
      return await store.client.indices.exists({ index: uniqueName('tls_g') });
    } finally {
      await store.stop();
    }
  }

  test('is a view’s store whom we believe, by a key or a password', async () => {
    expect(await ask(`${url}?sslrootcert=${ours.ca}&apikeyfile=${join(stateDir, 'api-key')}`)).toBe(false);
    expect(gate.seen.at(-1)).toBe(`ApiKey ${key}`);
    const named = url.replace('https://', 'https://ann:a-password-of-a-test@');
    expect(await ask(`${named}?sslrootcert=${ours.ca}`)).toBe(false);
    expect(gate.seen.at(-1)).toBe(`Basic ${login}`);
  });

  test('is not when somebody else vouches for it, or we say nothing of who we are', async () => {
    const seen = gate.seen.length;
    const named = url.replace('https://', 'https://ann:a-password-of-a-test@');
    await expect(ask(`${named}?sslrootcert=${other.ca}`)).rejects.toThrow();
    await expect(ask(named)).rejects.toThrow();
    // Who is not believed is not told the password either.
    expect(gate.seen).toHaveLength(seen);
    await expect(ask(`${url}?sslrootcert=${ours.ca}`)).rejects.toThrow();
  });
});

describe('the registry by TLS', () => {
  const login = Buffer.from('ann:a-password-of-a-test').toString('base64');
  let gate: TlsGate;
  let url: string;

  beforeAll(async () => {
    const { registryUrl, kafkaBrokers: brokers } = testConnections();
    gate = new TlsGate(ours, new URL(registryUrl), (authorization) => authorization === `Basic ${login}`);
    url = `${await gate.open()}${new URL(registryUrl).pathname}`;
    await provisionStreams({ airline: catalogue.airline }, { brokers, registryUrl });
  });
  afterAll(() => gate.close());

  function connection(ca: string, password: string): LogConnection {
    const settings = parseSettings(z.object(logSettings), {
      REPRISE_KAFKA_BROKERS: testConnections().kafkaBrokers.join(','),
      REPRISE_REGISTRY_URL: url,
      REPRISE_REGISTRY_CA_FILE: ca,
      REPRISE_REGISTRY_USERNAME: 'ann',
      REPRISE_REGISTRY_PASSWORD: password,
    });
    return logConnection(settings, 'tls-test');
  }

  test('is believed, and told who we are', async () => {
    const believed = connection(ours.ca, 'a-password-of-a-test');
    await provisionStreams({ airline: catalogue.airline }, believed);
    expect(await StreamEncoder.open(catalogue.airline, believed)).toBeInstanceOf(StreamEncoder);
  });

  test.each([
    ['somebody else vouches for it', () => connection(other.ca, 'a-password-of-a-test')],
    ['the password is wrong', () => connection(ours.ca, 'wrong-password')],
  ])('tells nothing when %s', async (_what, made) => {
    const decoder = StreamDecoder.whole(catalogue.airline, made());
    // A record by the first schema that there is.
    await expect(decoder.decode(Buffer.from([0, 0, 0, 0, 1, 0]))).rejects.toMatchObject({
      code: 'registry-unavailable',
    });
  });
});
