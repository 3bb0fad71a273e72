import type { Generation, Verification } from '../src/answers.js';

/** A generation as the control plane tells of it. */
export function told(status: string, given: Partial<Generation> = {}, percent = 100): Generation {
  return {
    number: 2,
    name: 'flight_search_g2',
    status,
    definitionVersion: 1,
    statusSince: 0,
    requestedBy: 'ann',
    autoFlip: false,
    paused: false,
    maxRecordsPerSecond: null,
    expiresAt: null,
    reason: null,
    problems: [],
    waitsFor: null,
    phase: 'feeding',
    verification: null,
    progress: { percent, recordsApplied: 0, recordsPerSecond: 1_000, etaSeconds: 3, lagRecords: 12 },
    ...given,
  };
}

/** A check that is over, and found nothing. */
export function checked(given: Partial<Verification> = {}): Verification {
  return {
    id: 1,
    repair: false,
    against: null,
    concludedAt: 1,
    phase: null,
    percent: 100,
    entitiesChecked: 1_500,
    differences: 0,
    repaired: 0,
    problem: null,
    samples: [],
    ...given,
  };
}
