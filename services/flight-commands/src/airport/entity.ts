import { defineEntity } from '@reprise/command-store';
import { catalogue } from '@reprise/contracts';
import { airportDecider } from './decider.js';

export const airport = defineEntity({
  contract: catalogue.airport,
  decider: airportDecider,
});
