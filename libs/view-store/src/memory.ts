import type { Positions } from '@reprise/kernel';
import { groupId, type Contributed, type GroupKey, type ViewChange } from '@reprise/view';
import type { ApplyOutcome, Claim, GenerationStore, StoredItem, ViewBatch, ViewStore } from './port.js';

interface Checkpoint {
  epoch: number;
  nextOffset: bigint;
}

/** Generations in this process's memory: for tests, and for views small enough to be rebuilt at each start. */
export class MemoryViewStore<Row> implements ViewStore<Row> {
  private readonly generations = new Map<string, MemoryGeneration<Row>>();

  generation(name: string): MemoryGeneration<Row> {
    const known = this.generations.get(name);
    if (known) return known;
    const made = new MemoryGeneration<Row>();
    this.generations.set(name, made);
    return made;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

export class MemoryGeneration<Row> implements GenerationStore<Row> {
  private readonly checkpoints = new Map<string, Checkpoint>();
  private readonly ledger = new Map<string, Contributed>();
  private readonly rows = new Map<string, Extract<StoredItem<Row>, { kind: 'row' }>>();
  private readonly groups = new Map<string, { group: GroupKey; measures: Record<string, number> }>();

  open(): Promise<void> {
    return Promise.resolve();
  }

  claim(partition: string): Promise<Claim> {
    const before = this.checkpoints.get(partition) ?? { epoch: 0, nextOffset: 0n };
    const after = { ...before, epoch: before.epoch + 1 };
    this.checkpoints.set(partition, after);
    return Promise.resolve({ partition, ...after });
  }

  contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    const found = new Map<string, Contributed>();
    for (const entity of entities) {
      const known = this.ledger.get(entity);
      if (known) found.set(entity, known);
    }
    return Promise.resolve(found);
  }

  apply({ claim, expectedOffset, nextOffset, contributed, changes }: ViewBatch<Row>): Promise<ApplyOutcome> {
    const checkpoint = this.checkpoints.get(claim.partition);
    if (checkpoint?.epoch !== claim.epoch || checkpoint.nextOffset !== expectedOffset) {
      return Promise.resolve('fenced');
    }
    for (const change of changes) this.change(change);
    for (const [entity, contribution] of contributed) this.ledger.set(entity, contribution);
    checkpoint.nextOffset = nextOffset;
    return Promise.resolve('applied');
  }

  settle(): Promise<Positions> {
    return this.positions();
  }

  positions(): Promise<Positions> {
    return Promise.resolve(new Map([...this.checkpoints].map(([id, { nextOffset }]) => [id, nextOffset])));
  }

  mayShow(): Promise<Positions> {
    return this.positions();
  }

  seal(): Promise<void> {
    return Promise.resolve();
  }

  async *contents(): AsyncIterable<StoredItem<Row>> {
    yield* this.rows.values();
    for (const { group, measures } of this.groups.values()) {
      if (Object.values(measures).some((amount) => amount !== 0)) yield { kind: 'group', group, measures };
    }
  }

  drop(): Promise<void> {
    for (const held of [this.checkpoints, this.ledger, this.rows, this.groups]) held.clear();
    return Promise.resolve();
  }

  private change(change: ViewChange<Row>): void {
    switch (change.kind) {
      case 'put':
        this.rows.set(rowId(change), {
          kind: 'row',
          entity: change.entity,
          key: change.key,
          row: change.row,
        });
        return;
      case 'remove':
        this.rows.delete(rowId(change));
        return;
      case 'add': {
        const id = groupId(change.group);
        const sum: Record<string, number> = { ...this.groups.get(id)?.measures };
        for (const [measure, amount] of Object.entries(change.measures))
          sum[measure] = (sum[measure] ?? 0) + amount;
        this.groups.set(id, { group: change.group, measures: sum });
        return;
      }
    }
  }
}

function rowId({ entity, key }: { entity: string; key: string }): string {
  return JSON.stringify([entity, key]);
}
