import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Unavailable } from '../recorder.js';
import type { Run } from '../results.js';
import type { Session } from '../session.js';
import type { BenchTopic } from '../topic/topic-shelf.js';
import { compile, ended, fetchJars, launchJava, madeOnce } from './java.js';

const told = z.object({ records: z.int(), seconds: z.number(), rows: z.int() });

/** Kafka Streams' GlobalKTable: the values as they are, in the memory of one process, not decoded. */
export async function runStreams({ root, options, engines, stop }: Session, topic: BenchTopic): Promise<Run> {
  const sources = join(root, 'bench/peers/streams');
  const made = await madeOnce(join(root, '.cache/bench/streams-4.3.0'), async (folder) => {
    await fetchJars(join(sources, 'pom.xml'), join(folder, 'lib'));
    mkdirSync(join(folder, 'classes'));
    await compile(join(sources, 'GlobalTable.java'), {
      jars: [join(folder, 'lib')],
      folder: join(folder, 'classes'),
    });
  });
  const logFile = join(options.stateDir, 'logs/streams.log');
  const program = launchJava({
    classPath: [join(made, 'classes'), join(made, 'lib/*')],
    args: ['GlobalTable', engines.connections.kafkaBrokers.join(','), topic.contract.topic],
    flags: ['-Xms1g', '-Xmx3g'],
    logFile,
    stop,
  });
  const code = await ended(program);
  const log = readFileSync(logFile, 'utf8').trim();
  if (code !== 0) throw new Unavailable(`it ended with ${String(code)}: ${log.slice(-200)}`);
  const { records, seconds, rows } = told.parse(JSON.parse(log.split('\n').at(-1) ?? ''));
  if (records !== topic.records || rows !== topic.content.rows)
    throw new Error(`Kafka Streams holds ${rows} rows of ${records} records`);
  return { records, seconds, phases: {} };
}
