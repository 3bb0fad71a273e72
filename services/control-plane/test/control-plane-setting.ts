import { randomUUID } from 'node:crypto';
import {
  catalogue,
  eventHeaders,
  type BuilderReport,
  type DeadLetter,
  type RedriveRequest,
  type ShadowReport,
  type StreamContract,
} from '@reprise/contracts';
import {
  LogAdmin,
  LogProducer,
  provisionStreams,
  StreamEncoder,
  StreamTail,
  type LogConnection,
} from '@reprise/log';
import { testConnections, uniqueName } from '@reprise/testing';
import pg from 'pg';
import { ControlPlane } from '../src/control-plane.js';
import type { ShadowRules } from '../src/shadow/shadow-gate.js';
import { DyingPlane } from './dying-plane.js';

const readyLagRecords = 10;

type Streams = Pick<typeof catalogue, 'generation' | 'builder' | 'deadLetter' | 'redrive' | 'shadowRead'> & {
  readonly source: StreamContract<unknown>;
};

interface SettingOptions {
  readonly connection: LogConnection;
  readonly streams: Streams;
  readonly connectionString: string;
  readonly encoder: StreamEncoder<BuilderReport>;
}

/**
 * A control plane on real engines, with streams and a database of its own, so that it sees no other test's builders.
 * Its clock can be put forward.
 */
export class ControlPlaneSetting {
  readonly troubles: string[] = [];
  readonly fatal: unknown[] = [];
  aheadMs = 0;
  /** None, unless a test is about them. */
  shadowRules: ShadowRules = { minCompared: 0, waitMs: 0 };
  private readonly connection: LogConnection;
  private streams: Streams;
  private encoder: StreamEncoder<BuilderReport>;
  private readonly planes: ControlPlane[] = [];
  private readonly tails: { stop(): Promise<void> }[] = [];
  private letterEncoder: StreamEncoder<DeadLetter> | undefined;
  private readonly producer: LogProducer;
  private readonly admin: LogAdmin;

  private constructor(private readonly options: SettingOptions) {
    this.connection = options.connection;
    this.streams = options.streams;
    this.encoder = options.encoder;
    this.producer = new LogProducer(options.connection);
    this.admin = new LogAdmin(options.connection);
  }

  static async open(): Promise<ControlPlaneSetting> {
    const { kafkaBrokers: brokers, registryUrl, postgresUrl } = testConnections();
    const connection = { brokers, registryUrl, clientId: 'control-plane-test' };
    const streams = {
      generation: renamed(catalogue.generation),
      builder: renamed(catalogue.builder),
      deadLetter: renamed(catalogue.deadLetter),
      redrive: renamed(catalogue.redrive),
      shadowRead: renamed(catalogue.shadowRead),
      source: { ...renamed<unknown>(catalogue.builder), partitions: 2 },
    };
    await provisionStreams(streams, connection);
    const encoder = await StreamEncoder.open(streams.builder, connection);
    const connectionString = await createDatabase(postgresUrl);
    return new ControlPlaneSetting({ connection, streams, connectionString, encoder });
  }

  get sourceTopic(): string {
    return this.streams.source.topic;
  }

  partition(number: number): string {
    return `${this.sourceTopic}/${number}`;
  }

  /** The source's end offsets, in its two partitions. */
  async sourceEnds(): Promise<[number, number]> {
    const ends = await this.admin.endOffsets([this.sourceTopic]);
    return [Number(ends.get(this.partition(0))), Number(ends.get(this.partition(1)))];
  }

  /** As if the reports of builders that are gone had been compacted away. */
  async forgetReports(): Promise<void> {
    this.streams = { ...this.streams, builder: renamed(catalogue.builder) };
    await provisionStreams({ builder: this.streams.builder }, this.connection);
    this.encoder = await StreamEncoder.open(this.streams.builder, this.connection);
  }

  /** Unless it is to be waited for, no builder here prepares a flip. */
  async startPlane(flipWaitMs = 20_000, approachMs = 50): Promise<ControlPlane> {
    const plane = new ControlPlane({
      streams: this.streams,
      connectionString: this.options.connectionString,
      log: this.connection,
      clock: { nowMs: () => Date.now() + this.aheadMs },
      readyLagRecords,
      flipWaitMs,
      approachMs,
      maxShadowMismatches: 0,
      shadowRules: this.shadowRules,
      builderStaleMs: 60_000,
      onTrouble: (where, reason) => this.troubles.push(`${where}: ${reason ?? 'over'}`),
      onFatal: (reason) => this.fatal.push(reason),
    });
    this.planes.push(plane);
    await plane.start();
    return plane;
  }

  /** What is left of a control plane that dies with its command stored. */
  async dyingPlane(): Promise<DyingPlane> {
    const plane = await DyingPlane.open({
      connectionString: this.options.connectionString,
      generation: this.streams.generation,
      log: this.connection,
    });
    this.tails.push(plane);
    return plane;
  }

  async stopPlane(plane: ControlPlane): Promise<void> {
    this.planes.splice(this.planes.indexOf(plane), 1);
    await plane.stop();
  }

  /** Appends records to the view's source, so that its ends move. */
  async fillSource(records: number): Promise<void> {
    const headers = {};
    const value = Buffer.from('x');
    const topic = this.sourceTopic;
    await this.producer.append(
      Array.from({ length: records }, (_, index) => ({ topic, key: `k${index}`, value, headers })),
    );
  }

  /** As a builder would: undefined is the tombstone of an orderly end. */
  async report(instance: string, report: BuilderReport | undefined): Promise<void> {
    const { topic } = this.streams.builder;
    const envelope = report && {
      event: 'BuilderReported',
      version: 1,
      occurredAt: Date.now(),
      changed: [],
      deleted: false,
      state: report,
    };
    const provenance = { correlationId: 'c', causationId: 'c', actor: 'builder' };
    const headers = envelope
      ? eventHeaders(this.streams.builder, envelope, {
          id: randomUUID(),
          source: '/test',
          key: instance,
          provenance,
        })
      : {};
    const value = envelope ? this.encoder.encode(envelope) : null;
    await this.producer.append([{ topic, key: instance, value, headers }]);
  }

  /** As a builder that sets a record aside, or says what became of it; null forgets it. */
  async writeLetter(letterId: string, letter: DeadLetter | null): Promise<void> {
    const { deadLetter } = this.streams;
    this.letterEncoder ??= await StreamEncoder.open(deadLetter, this.connection);
    const fact = { event: 'DeadLetterWritten', version: 1, occurredAt: 0, changed: [], deleted: false };
    const value = letter && this.letterEncoder.encode({ ...fact, state: letter });
    await this.producer.append([{ topic: deadLetter.topic, key: letterId, value, headers: {} }]);
  }

  /** As a query service that counted shadow reads. */
  async reportShadow(report: ShadowReport): Promise<void> {
    const { shadowRead } = this.streams;
    const encoder = await StreamEncoder.open(shadowRead, this.connection);
    const fact = { event: 'ShadowReadsCounted', version: 1, occurredAt: 0, changed: [], deleted: false };
    const value = encoder.encode({ ...fact, state: report });
    await this.producer.append([{ topic: shadowRead.topic, key: report.id, value, headers: {} }]);
  }

  /** What builders are asked. */
  async followRequests(onRequest: (request: RedriveRequest) => void): Promise<void> {
    const tail = new StreamTail({
      contract: this.streams.redrive,
      connection: this.connection,
      onRecord: ({ envelope }) => {
        if (envelope) onRequest(envelope.state);
      },
    });
    this.tails.push(tail);
    await tail.start();
  }

  async close(): Promise<void> {
    for (const tail of this.tails.splice(0)) await tail.stop();
    for (const plane of this.planes.splice(0)) await plane.stop();
    await this.producer.stop();
    await this.admin.stop();
  }
}

function renamed<State>(contract: StreamContract<State>): StreamContract<State> {
  const topic = uniqueName(contract.name);
  return { ...contract, topic, subject: `${topic}-value` };
}

async function createDatabase(postgresUrl: string): Promise<string> {
  const name = uniqueName('control_plane');
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.href;
}
