import { newestPerEntity, planChanges, row, type Projector } from '@reprise/view';
import type { ApplyOutcome, Claim, GenerationStore } from '@reprise/view-store';
import { property } from '../src/document.js';
import type { ElasticsearchLayout } from '../src/layout.js';

/** An entity of the tests: contributes one row per key, each with its tag. */
export interface Tagged {
  readonly keys: readonly string[];
  readonly tag: string;
}

export interface TaggedRow {
  readonly tag: string;
}

export const taggedView: Projector<TaggedRow> = {
  keepsState: false,
  referencesOf: () => [],
  project: (entity) => {
    const { keys, tag } = entity as Tagged;
    return keys.map((key) => row<TaggedRow>(key, { tag }));
  },
};

export const taggedLayout: ElasticsearchLayout<TaggedRow> = {
  properties: { tag: { type: 'keyword' } },
  parseRow: (stored) => ({ tag: String(property(stored, 'tag')) }),
};

export interface Told {
  readonly key: string;
  readonly version: number;
  readonly state: Tagged | null;
}

/** One batch as a builder does it: read, plan, apply. `between` runs after the reading. */
export async function feed(
  generation: GenerationStore<TaggedRow>,
  claim: Claim,
  { records, between }: { records: readonly Told[]; between?: () => Promise<void> },
): Promise<ApplyOutcome> {
  const newest = newestPerEntity(records);
  const prior = await generation.contributed([...newest.keys()]);
  await between?.();
  const nextOffset = claim.nextOffset + BigInt(records.length);
  const { references } = claim;
  return generation.apply({ claim, nextOffset, references, ...planChanges(taggedView, newest, prior) });
}

/** As a builder that owns the partition: claims anew as often as it is fenced. */
export async function own(
  generation: GenerationStore<TaggedRow>,
  partition: string,
  records: readonly Told[],
): Promise<void> {
  let outcome: ApplyOutcome = 'fenced';
  for (let claims = 0; outcome === 'fenced' && claims < 5; claims += 1) {
    outcome = await feed(generation, await generation.claim(partition), { records });
  }
  if (outcome === 'fenced') throw new Error(`fenced again and again on ${partition}`);
}

/** The rows of one entity as `key=tag`, sorted. */
export async function rowsOf(generation: GenerationStore<TaggedRow>, entity: string): Promise<string[]> {
  const rows: string[] = [];
  for await (const item of generation.contents()) {
    if (item.kind === 'row' && item.entity === entity) rows.push(`${item.key}=${item.row.tag}`);
  }
  return rows.sort();
}
