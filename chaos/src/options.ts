import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** First port to try. */
  readonly portBase: number;
  /** Leaves data and logs of a clean run too. */
  readonly keep: boolean;
}

export const usage = `npm run chaos -- [options]
  --minutes=N    how long things are broken; default 10
  --seed=N       makes the same choices again (not the same timing); default random
  --port-base=N  first port to try; default 27400
  --keep         leave data and logs in .reprise-chaos also after a clean run`;

/** @throws RangeError or TypeError saying what is wrong. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      'port-base': { type: 'string', default: '27400' },
      keep: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 1_440))
    throw new RangeError('--minutes must be more than 0 and at most 1440');
  const [seed, portBase] = [Number(values.seed), Number(values['port-base'])];
  if (!Number.isInteger(seed)) throw new RangeError('--seed must be a whole number');
  if (!Number.isInteger(portBase) || portBase < 1_024 || portBase > 60_000)
    throw new RangeError('--port-base must be a port from 1024 to 60000');
  return { minutes, seed, portBase, keep: values.keep };
}
