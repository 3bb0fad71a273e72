import { parseArgs } from 'node:util';
import { flipTable } from './flip-table.js';
import { measureFlips } from './measure-flips.js';

/**
 * How fast query services follow a flip, and what their readers notice. Needs a platform that runs and holds January:
 * npm start -- --month=1 --detach.
 */
export async function flips(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'port-base': { type: 'string', default: '7400' },
      view: { type: 'string', multiple: true },
      flips: { type: 'string', default: '20' },
      reads: { type: 'string', default: '200' },
      writes: { type: 'string', default: '10' },
    },
  });
  process.stdout.write(`${values.reads} reads/s, ${values.writes} writes/s\n`);
  const measured = await measureFlips({
    portBase: Number(values['port-base']),
    ...(values.view ? { views: values.view } : {}),
    flips: Number(values.flips),
    readsPerSecond: Number(values.reads),
    writesPerSecond: Number(values.writes),
    onMeasured: ({ view }) => {
      process.stdout.write(`${view} is measured\n`);
    },
  });
  process.stdout.write(flipTable(measured));
}
