import type { Clock } from '@reprise/kernel';

/** Injection token of the {@link Clock}. */
export const CLOCK = Symbol('clock');

export const systemClock: Clock = { nowMs: () => Date.now() };
