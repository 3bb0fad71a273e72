import type { Clock } from '@reprise/kernel';

/** Injection token of the {@link Clock}. */
export const CLOCK = Symbol('clock');

export const systemClock: Clock = { nowMs: () => Date.now() };

/** The time of a command that states none, where two such commands have to be told to be the same. */
export const unstated = Number.NaN;
