import { setImmediate as eventLoop } from 'node:timers/promises';
import { CrashingGeneration } from './crashing-generation.js';
import { Simulation, type SimulationOptions } from './simulation.js';

const inMemory = { makeStore: () => new CrashingGeneration(), groups: true };

export interface SimulateOptions extends Omit<SimulationOptions, 'seed'> {
  /** Seed of the first interleaving. */
  readonly first: number;
}

/**
 * Runs one interleaving after another, each of another seed. They are the same every time, so that whether a change lands
 * is not a matter of luck; with REPRISE_SIMULATION_SEED=fresh they are others, which is for a run by night. With a number
 * there, only that one is run; what fails says how to run it again.
 */
export async function simulate(
  interleavings: number,
  { first, ...stores }: Partial<SimulateOptions> & Pick<SimulateOptions, 'first'>,
): Promise<void> {
  const wanted = process.env['REPRISE_SIMULATION_SEED'];
  const isOne = wanted !== undefined && wanted !== 'fresh';
  const from = isOne ? Number(wanted) : wanted === 'fresh' ? Math.floor(Math.random() * 2 ** 31) : first;
  const count = isOne ? 1 : interleavings;
  for (let seed = from; seed < from + count; seed += 1) {
    await eventLoop();
    try {
      await new Simulation({ ...inMemory, ...stores, seed }).run();
    } catch (cause) {
      throw new Error(`seed ${seed} fails; REPRISE_SIMULATION_SEED=${seed} runs it again`, { cause });
    }
  }
}
