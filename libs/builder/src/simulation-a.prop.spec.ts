import { test } from '@jest/globals';
import { simulate } from '../test/simulation/simulate.js';

test('whatever the order of events, the view ends as what the log says (20,000 interleavings)', async () => {
  await simulate(Number(process.env['REPRISE_SIMULATION_RUNS'] ?? 20_000), { first: 1 });
}, 1_200_000);
