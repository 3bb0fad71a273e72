import { InvalidArgumentError } from 'commander';
import type { ControlPlaneClient } from './control-plane-client.js';

/** What a command works with. */
export interface Session {
  readonly client: ControlPlaneClient;
  /** The answer as it is, or as text. */
  readonly print: (answer: unknown, text: string) => void;
  readonly json: boolean;
}

export function generationNumber(text: string): number {
  const number = /(\d+)$/.exec(text)?.[1];
  if (number === undefined)
    throw new InvalidArgumentError('Expected a number, as 3, or a name, as flight_search_g3.');
  return Number(number);
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
