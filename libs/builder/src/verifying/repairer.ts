import { partitionId } from '@reprise/kernel';
import { partitionOf } from '@reprise/log';
import {
  planChanges,
  type AnyView,
  type Contributed,
  type EntityRecord,
  type GroupAddition,
  type Projector,
} from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import type { EntityDifference, Findings, GroupDifference } from './verifier.js';

export interface RepairerOptions {
  readonly view: Pick<AnyView<unknown>, 'source'>;
  readonly store: Pick<GenerationStore<unknown>, 'claim' | 'contributed' | 'apply' | 'rectify'>;
  readonly projector: Projector<unknown>;
}

const entitiesAtOnce = 500;

/**
 * Writes what differs once more, as the log has it, by the same door as everything else: it claims the partition, so whoever
 * feeds it is fenced for a moment and claims it again. An entity that has moved on since it was compared is left alone.
 */
export class Repairer {
  constructor(private readonly options: RepairerOptions) {}

  async mend({ entities, groups }: Findings): Promise<void> {
    for (const [partition, differences] of Map.groupBy(entities, (found) => this.partitionOf(found)))
      for (let from = 0; from < differences.length; from += entitiesAtOnce)
        await this.mendEntities(partition, differences.slice(from, from + entitiesAtOnce));
    if (groups.length > 0) await this.mendGroups(groups);
    await this.options.store.rectify?.();
  }

  private async mendEntities(partition: string, differences: readonly EntityDifference[]): Promise<void> {
    const { store, projector } = this.options;
    const claim = await store.claim(partition);
    const known = await store.contributed(differences.map(({ entity }) => entity));
    const records = new Map(
      differences.map((found) => [found.entity, recordOf(found, known.get(found.entity))]),
    );
    const prior = new Map(differences.map((found) => [found.entity, heldBy(found, known.get(found.entity))]));
    const planned = planChanges(projector, records, prior);
    // Sums are mended for themselves: what the ledger says of them may be right.
    const changes = planned.changes.filter(({ kind }) => kind !== 'add');
    const { nextOffset, references } = claim;
    await store.apply({ ...planned, changes, claim, nextOffset, references, mustLast: true });
  }

  /** Feeding only ever adds to a sum, so what is missing today is missing whenever it is added. */
  private async mendGroups(groups: readonly GroupDifference[]): Promise<void> {
    const { store, view } = this.options;
    const claim = await store.claim(partitionId({ topic: view.source.topic, partition: 0 }));
    const { nextOffset, references } = claim;
    const changes = groups.map(additionOf);
    const nothing = { contributed: new Map(), links: [] };
    await store.apply({ ...nothing, changes, claim, nextOffset, references, mustLast: true });
  }

  private partitionOf({ told, entity }: EntityDifference): string {
    if (told) return told.partition;
    const { topic, partitions } = this.options.view.source;
    return partitionId({ topic, partition: partitionOf(entity, partitions) });
  }
}

/** What the log does not know of is gone, at the version that the generation has of it. */
function recordOf({ entity, told }: EntityDifference, known: Contributed | undefined): EntityRecord {
  if (told) return { key: entity, version: told.version, state: told.state };
  return { key: entity, version: known?.version ?? 1, state: null };
}

/** What is there of it, whether the ledger knows it or not. */
function heldBy({ stored }: EntityDifference, known: Contributed | undefined): Contributed {
  const before = known ?? { version: 0, rows: [], groups: [], references: [], state: null };
  return { ...before, rows: [...new Set([...before.rows, ...stored])] };
}

function additionOf({ group, expected, actual, values }: GroupDifference): GroupAddition {
  const names = new Set([...Object.keys(expected?.measures ?? {}), ...Object.keys(actual?.measures ?? {})]);
  const measures = [...names].map(
    (name) => [name, (expected?.measures[name] ?? 0) - (actual?.measures[name] ?? 0)] as const,
  );
  return { kind: 'add', group, measures: Object.fromEntries(measures), extremes: values };
}
