import { LogProducer, type LogConnection } from '@reprise/log';
import type { Supervisor } from '@reprise/infra';
import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { batchedCommands } from './single-commands.js';

const relay = 'flight-commands-relay';
const commands = 50_000;
/** As the relay takes them. */
const batchRecords = 5_000;
const pollMs = 20;

export interface RelayRates {
  readonly records: number;
  readonly relaySeconds: number;
  /** Of a bare producer that appends the same records to the same topics, in batches of the same size. */
  readonly producerSeconds: number;
}

/** The work, while the relay publishes nothing. */
export async function held<Result>(services: Supervisor, work: () => Promise<Result>): Promise<Result> {
  services.kill(relay, 'SIGSTOP');
  try {
    return await work();
  } finally {
    services.kill(relay, 'SIGCONT');
  }
}

/** How fast the relay empties a full outbox: it is held while that is filled. */
export async function relayRates({
  databaseUrl,
  commandsUrl,
  carrier,
  services,
  log,
}: {
  databaseUrl: string;
  commandsUrl: string;
  carrier: string;
  services: Supervisor;
  log: LogConnection;
}): Promise<RelayRates> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const waiting = await held(services, async () => {
      await batchedCommands(commandsUrl, { commands, carrier });
      const { rows } = await client.query<OutboxRow>(
        'SELECT topic, key, value, headers FROM outbox ORDER BY id',
      );
      return rows;
    });
    const beganMs = performance.now();
    while (await isWaiting(client)) await pause(pollMs);
    const relaySeconds = (performance.now() - beganMs) / 1_000;
    return { records: waiting.length, relaySeconds, producerSeconds: await produced(waiting, log) };
  } finally {
    await client.end();
  }
}

interface OutboxRow {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

async function isWaiting(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM outbox LIMIT 1');
  return rowCount === 1;
}

/** Told again, these records change nothing: every reader knows their versions. */
async function produced(rows: readonly OutboxRow[], log: LogConnection): Promise<number> {
  const producer = new LogProducer(log);
  const beganMs = performance.now();
  try {
    for (let from = 0; from < rows.length; from += batchRecords)
      await producer.append(rows.slice(from, from + batchRecords));
    return (performance.now() - beganMs) / 1_000;
  } finally {
    await producer.stop();
  }
}
