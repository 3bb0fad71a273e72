import type { EngineConnections } from '@reprise/infra';
import type { Content } from '../topic/checksum.js';
import type { Store } from '../views/stores.js';
import type { ClientVariant } from './read-topic.js';

/** One run of one yardstick, in a process of its own. */
export type YardstickTask = {
  readonly connections: EngineConnections;
  readonly topic: string;
} & (
  | { readonly yardstick: 'read' | 'read-and-decode' }
  | { readonly yardstick: 'straight-line'; readonly store: Store }
  | { readonly yardstick: 'hand-written'; readonly store: Store; readonly client: ClientVariant }
);

export interface YardstickResult {
  readonly records: number;
  readonly seconds: number;
  /** Seconds of its steps, by their names. */
  readonly phases: Readonly<Record<string, number>>;
  /** What it left in the store; undefined for what writes nothing. */
  readonly content?: Content;
}
