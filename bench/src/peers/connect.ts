import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from '../recorder.js';
import type { Run } from '../results.js';
import type { Session } from '../session.js';
import { contentOf, type Content } from '../topic/checksum.js';
import type { BenchTopic } from '../topic/topic-shelf.js';
import { rowFields, rowOf, type FlightRow } from '../views/row.js';
import { decoderOf } from '../yardsticks/decoder.js';
import { PostgresTarget, table } from '../yardsticks/postgres-target.js';
import { lastRecords } from '../yardsticks/read-topic.js';
import { compile, ended, fetchArtifact, fetchJars, launchJava, madeOnce, pack, unpack } from './java.js';

const debezium = '3.6.0.Final';
const restPort = 29;
const pollMs = 50;
const startLimitMs = 300_000;
const stallLimitMs = 120_000;

/**
 * Kafka Connect with the Debezium JDBC sink, tuned, two tasks. Its clock starts when the worker runs the first task, and
 * stops when the last record of every partition is in the table: records of a partition are written in order.
 */
export async function runConnect(session: Session, topic: BenchTopic): Promise<Run & { content: Content }> {
  const { engines, options, stop } = session;
  const made = await madeOnce(join(session.root, `.cache/bench/connect-${debezium}`), (folder) =>
    make(join(session.root, 'bench/peers/connect'), folder),
  );
  const decode = await decoderOf(engines.connections.registryUrl, topic.contract.topic);
  const last = await lastRecords(engines.connections.kafkaBrokers, topic.contract.topic);
  const wanted = last.map((value) => rowOf(decode(value).state));
  const target = new PostgresTarget(engines.connections.postgresUrl);
  await target.prepare(true);
  const logFile = join(options.stateDir, 'logs/connect.log');
  const files = writeSettings(session, { topic: topic.contract.topic, made });
  const worker = launchJava({
    classPath: [join(made, 'lib/*')],
    args: ['org.apache.kafka.connect.cli.ConnectStandalone', ...files],
    flags: ['-Xms512m', '-Xmx1g', '-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients=warn'],
    logFile,
    stop,
  });
  const death = ended(worker);
  try {
    const seconds = await Promise.race([
      watch({ target, wanted, logFile, stop }),
      death.then((code) =>
        Promise.reject(new Unavailable(`the worker ended with ${String(code)}: see ${logFile}`)),
      ),
    ]);
    return { records: topic.records, seconds, phases: {}, content: await contentOf(target.rows()) };
  } finally {
    worker.kill();
    await death.catch(() => undefined);
    await target.drop();
    await target.stop();
  }
}

async function make(sources: string, folder: string): Promise<void> {
  const [lib, converter, classes] = [
    join(folder, 'lib'),
    join(folder, 'plugins/converter'),
    join(folder, 'classes'),
  ];
  await fetchJars(join(sources, 'pom.xml'), lib);
  await fetchJars(join(sources, 'converter-pom.xml'), converter);
  mkdirSync(classes);
  await compile(join(sources, 'StateConverter.java'), { jars: [lib, converter], folder: classes });
  await pack(join(converter, 'state-converter.jar'), classes);
  const name = 'debezium-connector-jdbc';
  await fetchArtifact(`io.debezium:${name}:${debezium}:tar.gz:plugin`, folder);
  await unpack(join(folder, `${name}-${debezium}-plugin.tar.gz`), join(folder, 'plugins/debezium'));
}

interface Watched {
  readonly target: PostgresTarget;
  readonly wanted: readonly FlightRow[];
  readonly logFile: string;
  readonly stop: AbortSignal;
}

/** Seconds from the first task to the last row. */
async function watch({ target, wanted, logFile, stop }: Watched): Promise<number> {
  const log = (): string => readFileSync(logFile, 'utf8');
  const launched = performance.now();
  while (!log().includes('Executing sink task')) {
    if (performance.now() - launched > startLimitMs)
      throw new Unavailable(`no task was started: see ${logFile}`);
    await pause(pollMs, undefined, { signal: stop });
  }
  const began = performance.now();
  let moved = { atMs: began, rows: 0 };
  while (!(await target.holds(wanted))) {
    if (/Task threw an uncaught|Failed to start task/.test(log()))
      throw new Unavailable(`its task died: see ${logFile}`);
    const now = performance.now();
    if (now - moved.atMs > stallLimitMs) {
      const rows = await target.count();
      if (rows === moved.rows) throw new Unavailable(`it stands still at ${rows} rows: see ${logFile}`);
      moved = { atMs: now, rows };
    }
    await pause(pollMs, undefined, { signal: stop });
  }
  return (performance.now() - began) / 1_000;
}

/** The files that the worker is told by: the worker's and the connector's. */
function writeSettings(
  { options, engines }: Session,
  { topic, made }: { topic: string; made: string },
): readonly string[] {
  const folder = join(options.stateDir, 'connect');
  mkdirSync(folder, { recursive: true });
  const { connections } = engines;
  const values = rowFields.filter((field) => field !== 'flightId');
  const worker = {
    'bootstrap.servers': connections.kafkaBrokers.join(','),
    'offset.storage.file.filename': join(folder, 'offsets'),
    'plugin.path': join(made, 'plugins'),
    'plugin.discovery': 'only_scan',
    listeners: `http://127.0.0.1:${options.portBase + restPort}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'reprise.bench.StateConverter',
    // The default one guesses a type for every header of every record, which is most of the work then.
    'header.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    'value.converter.registry.url': connections.registryUrl,
    'value.converter.fields': values.join(','),
  };
  const postgres = new URL(connections.postgresUrl);
  const sink = {
    name: `bench-${Date.now()}`,
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    topics: topic,
    'tasks.max': '2',
    'connection.url': `jdbc:postgresql://${postgres.host}${postgres.pathname}?reWriteBatchedInserts=true`,
    'connection.username': postgres.username,
    'connection.password': postgres.password,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'primary.key.fields': 'flightId',
    'collection.name.format': table,
    'quote.identifiers': 'true',
    'schema.evolution': 'none',
    'batch.size': '5000',
    'use.reduction.buffer': 'true',
    'consumer.override.max.poll.records': '5000',
    'consumer.override.max.partition.fetch.bytes': '4194304',
    'consumer.override.fetch.max.bytes': '16777216',
    // With a plain string as the key this version of the sink fails: it casts every key to a Struct.
    transforms: 'key',
    'transforms.key.type': 'org.apache.kafka.connect.transforms.HoistField$Key',
    'transforms.key.field': 'flightId',
  };
  return [written(join(folder, 'worker.properties'), worker), written(join(folder, 'sink.properties'), sink)];
}

/** A password is in there. */
function written(path: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path, lines.join(''), { mode: 0o600 });
  return path;
}
