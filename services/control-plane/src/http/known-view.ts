import type { Generation, ViewGenerations } from '@reprise/contracts';
import type { ControlPlane } from '../control-plane.js';
import { openLettersOf } from '../dead-letters/held-letters.js';
import { flipsByItself } from '../generations/flips.js';
import { answerGeneration, type GenerationAnswer } from './answers.js';
import type { KnownView } from './problems.js';
import { requireGeneration } from './refusals.js';

/** What is decided of a view, with all that is known beside it. */
export function knownView(plane: ControlPlane, view: ViewGenerations): KnownView {
  const { reports, reconciler, deadLetters, expiry } = plane;
  const facts = reports.of(view.view);
  const expiries = view.generations.flatMap((generation): [number, number][] => {
    const atMs = expiry.expiresAtMs(view.view, generation, facts);
    return atMs === null ? [] : [[generation.number, atMs]];
  });
  return {
    view,
    facts,
    trouble: reconciler.trouble(view.view),
    openLetters: openLettersOf(deadLetters.held, view.view),
    expiries: new Map(expiries),
    waits: new Map(view.generations.flatMap((generation) => waitOf(plane, view, generation))),
    nowMs: plane.nowMs(),
    shadow: plane.shadow.counts.of(view.view),
  };
}

function waitOf(plane: ControlPlane, view: ViewGenerations, generation: Generation): [number, string][] {
  if (!flipsByItself(view, generation)) return [];
  const gate = plane.shadowGate(view, generation);
  return gate.kind === 'open' ? [] : [[generation.number, gate.reason]];
}

/** @throws ProblemException 404 when there is no such generation. */
export function generationOf(plane: ControlPlane, view: ViewGenerations, number: number): GenerationAnswer {
  return answerGeneration(knownView(plane, view), requireGeneration(view, number));
}
