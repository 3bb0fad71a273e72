import { partitionId, type Positions } from '@reprise/kernel';
import type { Admin } from 'kafkajs';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';

/** Asks the broker about topics and groups. */
export class LogAdmin {
  private admin: Promise<Admin> | undefined;

  constructor(private readonly connection: LogConnection) {}

  /** The offset after the last record of each partition of these topics. */
  endOffsets(topics: readonly string[]): Promise<Positions> {
    return this.ask(async (admin) => {
      const ends = new Map<string, bigint>();
      for (const topic of topics) {
        for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
          ends.set(partitionId({ topic, partition }), BigInt(high));
        }
      }
      return ends;
    });
  }

  /** The offset of the first record that is still there, of each partition of a topic. */
  startOffsets(topic: string): Promise<Positions> {
    return this.ask(async (admin) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, low }) => [partitionId({ topic, partition }), BigInt(low)]));
    });
  }

  /** Forgets a consumer group. Does nothing when there is none. */
  deleteGroup(groupId: string): Promise<void> {
    return this.ask(async (admin) => {
      const { groups } = await admin.listGroups();
      if (groups.some((group) => group.groupId === groupId)) await admin.deleteGroups([groupId]);
    });
  }

  async stop(): Promise<void> {
    const admin = this.admin;
    this.admin = undefined;
    await (await admin?.catch(() => undefined))?.disconnect();
  }

  private async ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    try {
      return await question(await (this.admin ??= this.connect()));
    } catch (cause) {
      await this.stop();
      throw logError('log-unavailable', 'the broker did not answer', cause);
    }
  }

  private async connect(): Promise<Admin> {
    const admin = connectKafka(this.connection).admin();
    await admin.connect();
    return admin;
  }
}
