/**
 * The life of a generation:
 *
 *     building ─▶ catching-up ─▶ verifying ─▶ ready ─▶ live ◀─▶ standby
 *
 * Any of them may become `failed` or (unless it is live) `retired`; both are final. Exactly one generation of a view is
 * live. A builder feeds every generation that {@link isFed}; a retired or failed one is dropped from its store.
 */
export const generationStatuses = [
  'building',
  'catching-up',
  'verifying',
  'ready',
  'live',
  'standby',
  'retired',
  'failed',
] as const;
export type GenerationStatus = (typeof generationStatuses)[number];

const successors: Readonly<Record<GenerationStatus, readonly GenerationStatus[]>> = {
  building: ['catching-up', 'retired', 'failed'],
  'catching-up': ['verifying', 'retired', 'failed'],
  verifying: ['ready', 'retired', 'failed'],
  ready: ['live', 'retired', 'failed'],
  live: ['standby'],
  standby: ['live', 'retired', 'failed'],
  retired: [],
  failed: ['retired'],
};

export function canBecome(from: GenerationStatus, to: GenerationStatus): boolean {
  return successors[from].includes(to);
}

/** True while the generation reads the log. */
export function isFed(status: GenerationStatus): boolean {
  return status !== 'retired' && status !== 'failed';
}

/** @throws RangeError when the text is not a status. */
export function parseStatus(text: string): GenerationStatus {
  const status = generationStatuses.find((known) => known === text);
  if (status === undefined) throw new RangeError(`not a generation's status: ${text}`);
  return status;
}

/** The name that a generation has in every store, log and header: `flight_search_g3`. */
export function generationName(view: string, number: number): string {
  return `${view.replaceAll('-', '_')}_g${number}`;
}

/** The Kafka consumer group of a generation. */
export function consumerGroup(view: string, number: number): string {
  return `reprise.${generationName(view, number)}`;
}
