import {
  newestPerEntity,
  planChanges,
  projector,
  type AnyView,
  type EntityRecord,
  type LookUp,
} from '@reprise/view';
import type { GenerationStore } from './port.js';

/** Feeds the newest of these records to a generation, as a builder does, and makes them visible. */
export async function feedView<Row>(
  generation: GenerationStore<Row>,
  view: AnyView<Row>,
  { records, lookUp = () => null }: { records: readonly EntityRecord[]; lookUp?: LookUp },
): Promise<void> {
  const newest = newestPerEntity(records);
  const partition = `${view.source.topic}/0`;
  await generation.open([partition]);
  const claim = await generation.claim(partition);
  const prior = await generation.contributed([...newest.keys()]);
  const planned = planChanges(projector(view, lookUp), newest, prior);
  const nextOffset = claim.nextOffset + BigInt(records.length);
  const { references } = claim;
  const outcome = await generation.apply({ claim, nextOffset, references, ...planned });
  if (outcome === 'fenced') throw new Error('somebody else feeds this generation');
  await generation.settle();
}
