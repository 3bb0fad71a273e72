import type { Generation, ViewGenerations } from '@reprise/contracts';
import { refuse, type Decision, type Refusal } from '@reprise/decider';
import type { GenerationStatus } from '@reprise/view';
import type { GenerationsEvent } from './events.js';

export function withGeneration(
  state: ViewGenerations,
  number: number,
  decide: (generation: Generation) => Decision<GenerationsEvent>,
): Decision<GenerationsEvent> {
  const generation = state.generations.find((known) => known.number === number);
  if (!generation)
    return refuse('not-found', 'unknown-generation', `View ${state.view} has no generation ${number}.`);
  return decide(generation);
}

export function refuseStep({ number, status }: Generation, to: GenerationStatus): Refusal {
  return refuse(
    'conflict',
    'generation-status',
    `Generation ${number} is ${status}: it cannot become ${to}.`,
  );
}

export function refusePaused({ number }: Generation): Refusal {
  return refuse('conflict', 'generation-paused', `Generation ${number} is paused: resume it first.`);
}
