import type { Generation } from '@reprise/contracts';
import { isRefusal, scenario, type Decision } from '@reprise/decider';
import type { VerificationResult } from '../src/generations/commands.js';
import { generationsDecider } from '../src/generations/decider.js';
import type { GenerationsEvent } from '../src/generations/events.js';
import { generation } from './facts.js';

export const view = 'flight-search';
export const atMs = 1_000;
export const targets = [{ partition: 'flights/0', offset: 10 }];

const registered: GenerationsEvent = {
  event: 'ViewRegistered',
  view,
  definitionVersion: 1,
  sourceTopics: ['flights'],
};
export const started = (
  number: number,
  autoFlip = false,
  given: Partial<Generation> = {},
): GenerationsEvent => ({
  event: 'GenerationStarted',
  generation: generation(number, 'building', {
    startedAt: atMs,
    statusSince: atMs,
    autoFlip,
    targets,
    ...given,
  }),
});
export const advanced = (
  number: number,
  status: 'catching-up' | 'verifying' | 'ready',
): GenerationsEvent => ({
  event: 'GenerationAdvanced',
  number,
  status,
  atMs,
});
export const correct: VerificationResult = {
  entitiesChecked: 10,
  differences: 0,
  repaired: 0,
  problem: null,
  samples: [],
};
export const verified = (number: number): GenerationsEvent => ({
  event: 'VerificationConcluded',
  number,
  result: correct,
  atMs,
});
export const flipped = (number: number): GenerationsEvent => ({
  event: 'GenerationFlipped',
  number,
  by: 'bob',
  forced: false,
  note: null,
  atMs,
});
export const ready = (number: number, autoFlip = false): GenerationsEvent[] => [
  started(number, autoFlip),
  advanced(number, 'catching-up'),
  advanced(number, 'verifying'),
  verified(number),
  advanced(number, 'ready'),
];
export const live = (number: number): GenerationsEvent[] => [...ready(number), flipped(number)];
export const given = (...history: GenerationsEvent[]) =>
  scenario(generationsDecider).given(registered, ...history);

export function codeOf(decision: Decision<GenerationsEvent>): string | undefined {
  return isRefusal(decision) ? decision.code : undefined;
}
