import type { Clock } from '@reprise/kernel';

export const systemClock: Clock = { nowMs: () => Date.now() };
