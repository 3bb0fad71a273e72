import { defineEntity } from '@reprise/command-store';
import { catalogue } from '@reprise/contracts';
import { airlineDecider } from './decider.js';
import { airlineName } from './name.js';

export const airline = defineEntity({
  contract: catalogue.airline,
  unique: [airlineName],
  decider: airlineDecider,
});
