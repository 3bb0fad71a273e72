import { groupId } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { viewOf, type LoggedRecord, type SimRow, type World } from './world.js';

/** What the view must hold when all that was told has arrived, by the log alone. */
export function expectedLines(world: World): string[] {
  const view = viewOf(world);
  const lines: string[] = [];
  const groups = new Map<string, { things: number; size: number; sizes: number[] }>();
  const records = [...world.logs.values()].flat();
  for (const [key, ofKey] of Map.groupBy(records, (record) => record.key)) {
    const state = world.kind === 'states' ? newestOf(ofKey) : foldedOf(ofKey, view);
    if (state === null) continue;
    const named = world.kind === 'states' ? world.labelOf(state.name) : null;
    for (const contribution of view.project(state.value, { named })) {
      if (contribution.kind === 'row')
        lines.push(JSON.stringify(['row', key, contribution.key, contribution.row]));
      else {
        const id = groupId(contribution.group);
        const group = groups.get(id) ?? { things: 0, size: 0, sizes: [] };
        const size = contribution.measures['size'] ?? 0;
        groups.set(id, { things: group.things + 1, size: group.size + size, sizes: [...group.sizes, size] });
      }
    }
  }
  for (const [id, { things, size, sizes }] of groups)
    lines.push(JSON.stringify(['group', id, things, size, Math.min(...sizes), Math.max(...sizes)]));
  return lines.sort();
}

export async function actualLines(store: GenerationStore<SimRow>): Promise<string[]> {
  const lines: string[] = [];
  for await (const item of store.contents()) {
    if (item.kind === 'row') lines.push(JSON.stringify(['row', item.entity, item.key, item.row]));
    else {
      const { things, size } = item.measures;
      const extent = item.extremes['size'];
      lines.push(
        JSON.stringify(['group', groupId(item.group), things, size, extent?.least, extent?.greatest]),
      );
    }
  }
  return lines.sort();
}

function newestOf(records: readonly LoggedRecord[]): { name: string; value: unknown } | null {
  const newest = records
    .toSorted((left, right) => (left.entityVersion ?? 0) - (right.entityVersion ?? 0))
    .at(-1);
  const envelope = newest?.envelope;
  if (!envelope || envelope === 'undecodable') return null;
  return { name: envelope.state.name, value: envelope.state };
}

function foldedOf(
  records: readonly LoggedRecord[],
  view: ReturnType<typeof viewOf>,
): { name: string; value: unknown } | null {
  const erasedUpTo = Math.max(0, ...records.flatMap((record) => erasedBy(record) ?? []));
  const facts = new Map(
    records.flatMap(({ envelope }) =>
      envelope && envelope !== 'undecodable' && envelope.version > erasedUpTo
        ? [[envelope.version, envelope] as const]
        : [],
    ),
  );
  let folded = view.fold?.initial;
  for (const version of [...facts.keys()].sort((left, right) => left - right)) {
    const fact = facts.get(version);
    if (fact) folded = view.fold?.evolve(folded, fact);
  }
  return facts.size === 0 ? null : { name: '', value: folded };
}

/** Version up to which nothing is left of the entity. */
function erasedBy({ envelope, entityVersion }: LoggedRecord): number | undefined {
  if (envelope === null) return entityVersion;
  return envelope !== 'undecodable' && envelope.deleted ? envelope.version : undefined;
}
