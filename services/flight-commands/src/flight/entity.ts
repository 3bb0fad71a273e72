import { defineEntity } from '@reprise/command-store';
import { catalogue } from '@reprise/contracts';
import { flightDecider } from './decider.js';

export const flight = defineEntity({
  contract: catalogue.flight,
  history: catalogue.flightHistory,
  decider: flightDecider,
});
