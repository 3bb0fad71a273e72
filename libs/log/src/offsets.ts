import { partitionId, type Positions } from '@reprise/kernel';
import type { Admin } from 'kafkajs';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { answered } from './within-limit.js';

/** Then nobody will answer any more. */
const answerLimitMs = 20_000;

/** Asks the broker about topics and groups. */
export class LogAdmin {
  private admin: Promise<Admin> | undefined;
  private stopped = false;

  constructor(private readonly connection: LogConnection) {}

  /** The offset after the last record of each partition of these topics. */
  endOffsets(topics: readonly string[]): Promise<Positions> {
    return this.ask(async (admin) => {
      const ends = topics.length === 0 ? [] : await admin.fetchEndOffsets([...topics]);
      return new Map(
        ends.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => [partitionId({ topic, partition }), BigInt(offset)]),
        ),
      );
    });
  }

  /** The offset of the first record that is still there, of each partition of a topic. */
  startOffsets(topic: string): Promise<Positions> {
    return this.ask(async (admin) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, low }) => [partitionId({ topic, partition }), BigInt(low)]));
    });
  }

  /** Every consumer group that the broker knows. */
  groups(): Promise<readonly string[]> {
    return this.ask(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId));
  }

  /** Forgets a consumer group. Does nothing when there is none. */
  deleteGroup(groupId: string): Promise<void> {
    return this.ask(async (admin) => {
      const { groups } = await admin.listGroups();
      if (groups.some((group) => group.groupId === groupId)) await admin.deleteGroups([groupId]);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.disconnect();
  }

  private async ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    if (this.stopped) throw logError('log-unavailable', 'the broker is not asked any more');
    const admin = (this.admin ??= this.connect());
    try {
      return await answered(admin.then(question), answerLimitMs);
    } catch (cause) {
      if (this.admin === admin) await this.disconnect();
      throw logError('log-unavailable', 'the broker did not answer', cause);
    }
  }

  private async disconnect(): Promise<void> {
    const { admin } = this;
    this.admin = undefined;
    await (await admin?.catch(() => undefined))?.disconnect();
  }

  private async connect(): Promise<Admin> {
    const admin = connectKafka(this.connection).admin();
    await admin.connect();
    return admin;
  }
}
