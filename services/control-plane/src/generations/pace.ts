import type { Generation } from '@reprise/contracts';
import { refuse, type Decision, type Refusal } from '@reprise/decider';
import { isFed, parseStatus, type GenerationStatus } from '@reprise/view';
import type { PauseGeneration, ResumeGeneration, ThrottleGeneration } from './commands.js';
import type { GenerationsEvent } from './events.js';
import { isUnderVerification, verificationUnderWay } from './verification.js';

/** The live one is never held back: its readers would see the world stand still. */
const pausable: readonly GenerationStatus[] = ['building', 'catching-up', 'ready', 'standby'];

export function pause(generation: Generation, { number, atMs }: PauseGeneration): Decision<GenerationsEvent> {
  if (generation.paused) return [];
  if (!pausable.includes(parseStatus(generation.status))) return refusePace(generation, 'paused');
  if (isUnderVerification(generation)) return verificationUnderWay(generation);
  return [{ event: 'GenerationPaused', number, atMs }];
}

export function resume(
  generation: Generation,
  { number, atMs }: ResumeGeneration,
): Decision<GenerationsEvent> {
  if (!isFed(parseStatus(generation.status))) return refusePace(generation, 'resumed');
  return generation.paused ? [{ event: 'GenerationResumed', number, atMs }] : [];
}

export function throttle(
  generation: Generation,
  { number, maxRecordsPerSecond, atMs }: ThrottleGeneration,
): Decision<GenerationsEvent> {
  const status = parseStatus(generation.status);
  if (!isFed(status) || status === 'live') return refusePace(generation, 'throttled');
  if (maxRecordsPerSecond !== null && !(Number.isInteger(maxRecordsPerSecond) && maxRecordsPerSecond > 0)) {
    return refuse('invalid', 'invalid-rate', 'A rate is a whole number of records a second, at least 1.');
  }
  if (generation.maxRecordsPerSecond === maxRecordsPerSecond) return [];
  return [{ event: 'GenerationThrottled', number, maxRecordsPerSecond, atMs }];
}

function refusePace({ number, status }: Generation, what: string): Refusal {
  return refuse('conflict', 'generation-status', `Generation ${number} is ${status}: it cannot be ${what}.`);
}
