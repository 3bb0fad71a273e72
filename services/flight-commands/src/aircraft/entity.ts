import { defineEntity } from '@reprise/command-store';
import { catalogue } from '@reprise/contracts';
import { aircraftDecider } from './decider.js';

export const aircraft = defineEntity({
  contract: catalogue.aircraft,
  decider: aircraftDecider,
});
