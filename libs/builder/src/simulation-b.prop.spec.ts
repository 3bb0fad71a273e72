import { test } from '@jest/globals';
import { simulate } from '../test/simulation/simulate.js';

test('whatever the order of events, the view ends as what the log says (20,000 interleavings, of other seeds)', async () => {
  await simulate(Number(process.env['REPRISE_SIMULATION_RUNS'] ?? 20_000), { first: 1_000_001 });
}, 1_200_000);
