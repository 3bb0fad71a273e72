import { setImmediate as eventLoop } from 'node:timers/promises';
import { MemoryGeneration } from '@reprise/view-store';
import { Simulation, type SimulationOptions } from './simulation.js';

const inMemory = { makeStore: () => new MemoryGeneration<never>(), groups: true };

/**
 * Runs one interleaving after another, each of another seed: other ones every time, as a fixed set would find the same for
 * ever. With REPRISE_SIMULATION_SEED set, only that one is run; what fails says how to run it again.
 */
export async function simulate(
  interleavings: number,
  stores: Omit<SimulationOptions, 'seed'> = inMemory,
): Promise<void> {
  const chosen = process.env['REPRISE_SIMULATION_SEED'];
  const first = chosen === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(chosen);
  const count = chosen === undefined ? interleavings : 1;
  for (let seed = first; seed < first + count; seed += 1) {
    await eventLoop();
    try {
      await new Simulation({ ...stores, seed }).run();
    } catch (cause) {
      throw new Error(`seed ${seed} fails; REPRISE_SIMULATION_SEED=${seed} runs it again`, { cause });
    }
  }
}
