import { catalogue } from '@reprise/contracts';

/** The broker's own default, for a topic that declares none. */
const defaultKeptMs = 86_400_000;

/** How long the log keeps tombstones of these topics, in milliseconds: the shortest among them, by their contracts. */
export function tombstonesKeptMs(topics: readonly string[]): number {
  const contracts = Object.values(catalogue).filter(({ topic }) => topics.includes(topic));
  const kept = contracts.map(({ settings }) => Number(settings['delete.retention.ms'] ?? defaultKeptMs));
  return kept.length === 0 ? defaultKeptMs : Math.min(...kept);
}
