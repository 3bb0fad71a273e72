import type { StreamContract } from '@reprise/contracts';
import { LogProducer, provisionStreams, StreamEncoder } from '@reprise/log';
import type { EntityType } from '../src/entity.js';
import { CommandStore } from '../src/command-store.js';
import { OutboxRelay } from '../src/relay.js';
import type { Tally, TallyCommand } from './tally.js';
import { tallyRequests } from './tally.js';
import { openWriteSide, type WriteSide } from './write-side.js';

/** A record that no schema fits, with the version that its header tells. */
export interface Unreadable {
  readonly bytes: Buffer;
  readonly version: number;
}

/** A write side whose entities also have a history, and a hand that writes to the topics past it. */
export interface RecoverySide {
  readonly side: WriteSide;
  readonly entity: EntityType<TallyCommand>;
  readonly history: StreamContract<Tally>;
  readonly store: CommandStore;
  readonly requests: ReturnType<typeof tallyRequests>;
  /** Publishes all that waits. */
  publish(): Promise<void>;
  /** The whole write store, by stream and key. */
  entities(): Promise<readonly unknown[]>;
  /** As after a disaster; a service has started since, and found nothing. */
  wipe(): Promise<void>;
  /** An event of a version, or what cannot be read. */
  append(topic: string, key: string, told: number | Unreadable): Promise<void>;
  stop(): Promise<void>;
}

export async function openRecoverySide(): Promise<RecoverySide> {
  const side = await openWriteSide();
  const { contract, log, connectionString } = side;
  const topic = `${contract.topic}_history`;
  const history: StreamContract<Tally> = {
    ...contract,
    ...{ name: 'tally-history', topic, subject: `${topic}-value`, retention: 'history' },
    ...{ key: 'id', erasedWhenDeleted: true },
    settings: { 'cleanup.policy': 'compact' },
  };
  await provisionStreams({ history }, log);
  const entity = { ...side.entity, history };
  const clock = { nowMs: () => 1_357_034_400_000 };
  const store = new CommandStore({ connectionString, source: '/suite', entities: [entity], log, clock });
  await store.start();
  const producer = new LogProducer(log);
  const encoder = await StreamEncoder.open(contract, log);
  const valueOf = (key: string, version: number): Buffer =>
    encoder.encode({
      ...{ event: 'TallyRaised', version, occurredAt: 0, changed: [], deleted: false },
      state: { id: key, count: version, note: null },
    });
  return {
    ...{ side, entity, history, store },
    requests: tallyRequests(entity),
    publish: async () => {
      const relay = new OutboxRelay({ connectionString, log });
      await relay.start();
      await side.until(async () => (await store.outboxDepth()) === 0);
      await relay.stop();
    },
    entities: async () =>
      (await side.pool.query<object>('SELECT stream, key, version, state FROM entity ORDER BY stream, key'))
        .rows,
    wipe: async () => {
      await side.pool.query('TRUNCATE entity, command, outbox, operation, callback, claim');
    },
    append: async (to, key, told) => {
      const { bytes, version } =
        typeof told === 'number' ? { bytes: valueOf(key, told), version: told } : told;
      const headers = { ce_entityversion: String(version) };
      await producer.append([{ topic: to, key, value: bytes, headers }]);
    },
    stop: async () => {
      await producer.stop();
      await store.stop();
      await side.stop();
    },
  };
}
