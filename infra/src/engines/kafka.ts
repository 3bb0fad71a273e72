import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LogAdmin } from '@reprise/log';
import type { Distributions } from '../distributions.js';
import { enginePorts } from '../ports.js';
import { engineFolder, type EngineSpec } from './engine.js';

const run = promisify(execFile);

/** Apache Kafka, KRaft: one node that is broker and controller. */
export function kafka(options: {
  readonly dataDir: string;
  readonly portBase: number;
  readonly jdkHome: string;
  readonly distributions: Distributions;
  /** Settings of the broker beside or instead of ours, as `log.segment.bytes`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Options of the tool that formats its data, as `--add-scram`. */
  readonly formatOptions?: readonly string[];
}): EngineSpec {
  const { dataDir, portBase, jdkHome, distributions, settings: more = {}, formatOptions = [] } = options;
  const java = join(jdkHome, 'bin/java');
  const broker = `127.0.0.1:${portBase + enginePorts.kafka}`;
  return {
    name: 'kafka',
    stopSignal: 'SIGTERM',
    graceMs: 4_000,
    prepare: async () => {
      const classPath = join(await distributions.kafka(), '*');
      const folder = engineFolder(dataDir);
      const settings = join(folder, 'server.properties');
      const lines = Object.entries(more).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(settings, serverProperties(join(folder, 'log'), portBase) + lines.join(''));
      if (!existsSync(join(folder, 'log/meta.properties'))) {
        const clusterId = randomBytes(16).toString('base64url');
        const format = ['kafka.tools.StorageTool', 'format', '-c', settings];
        // One word: an id that begins with a dash would be taken for an option.
        await run(java, ['-cp', classPath, ...format, `--cluster-id=${clusterId}`, ...formatOptions]);
      }
      return {
        command: java,
        args: ['-Xms256m', '-Xmx512m', '-XX:+UseG1GC', '-cp', classPath, 'kafka.Kafka', settings],
      };
    },
    ready: async () => {
      const admin = new LogAdmin({ brokers: [broker], registryUrl: '', clientId: 'reprise-engines' });
      try {
        await admin.endOffsets([]);
        return true;
      } finally {
        await admin.stop();
      }
    },
  };
}

function serverProperties(logDir: string, portBase: number): string {
  const listener = `127.0.0.1:${portBase + enginePorts.kafka}`;
  const controller = `127.0.0.1:${portBase + enginePorts.kafkaController}`;
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${controller}`,
    `listeners=PLAINTEXT://${listener},CONTROLLER://${controller}`,
    `advertised.listeners=PLAINTEXT://${listener}`,
    'controller.listener.names=CONTROLLER',
    `log.dirs=${logDir}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    'log.cleaner.enable=true',
    '',
  ].join('\n');
}
