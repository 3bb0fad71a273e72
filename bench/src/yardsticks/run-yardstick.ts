import { fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import type { YardstickResult, YardstickTask } from './task.js';

const result = z.object({
  records: z.int(),
  seconds: z.number(),
  phases: z.record(z.string(), z.number()),
  content: z.object({ rows: z.int(), checksum: z.string() }).optional(),
});

/** Runs a yardstick in a process of its own, so that none inherits another's heap. */
export function runYardstick(task: YardstickTask, stop: AbortSignal): Promise<YardstickResult> {
  const child = fork(join(import.meta.dirname, 'yardstick.main.js'), [JSON.stringify(task)], {
    signal: stop,
    execArgv: ['--max-old-space-size=6144'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      const { content, ...measured } = result.parse(message);
      resolve(content ? { ...measured, content } : measured);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`${task.yardstick} ended with ${String(code)}`));
    });
  });
}
