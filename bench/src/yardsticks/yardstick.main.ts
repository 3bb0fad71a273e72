import { measure } from './yardsticks.js';
import type { YardstickTask } from './task.js';

/** One run of one yardstick: its task is the argument, its result the one message to the parent. */
const task = JSON.parse(process.argv[2] ?? '') as YardstickTask;

const result = await measure(task);
process.send?.(result, () => {
  process.exit(0);
});
