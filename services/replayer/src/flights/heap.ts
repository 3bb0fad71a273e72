/** Something that happens at a time, in epoch milliseconds. */
export interface Timed {
  readonly atMs: number;
}

interface Entry<Item> {
  readonly item: Item;
  readonly place: number;
}

/** Gives back what was put in by time; what has the same time in the order in which it was put in. */
export class TimeHeap<Item extends Timed> {
  private readonly entries: Entry<Item>[] = [];
  private placed = 0;

  get size(): number {
    return this.entries.length;
  }

  push(item: Item): void {
    this.placed += 1;
    const entry = { item, place: this.placed };
    let index = this.entries.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.entries[parentIndex];
      if (!parent || isBefore(parent, entry)) break;
      this.entries[index] = parent;
      index = parentIndex;
    }
    this.entries[index] = entry;
  }

  /** The earliest, if it is before `limitMs`; takes it out. */
  popBefore(limitMs: number): Item | undefined {
    const first = this.entries[0];
    if (!first || first.item.atMs >= limitMs) return undefined;
    const last = this.entries.pop();
    if (last && last !== first) this.sink(last);
    return first.item;
  }

  /** Puts an entry in the place of the first. */
  private sink(entry: Entry<Item>): void {
    let index = 0;
    for (;;) {
      const childIndex = this.earlierChild(index);
      const child = this.entries[childIndex];
      if (!child || isBefore(entry, child)) break;
      this.entries[index] = child;
      index = childIndex;
    }
    this.entries[index] = entry;
  }

  private earlierChild(index: number): number {
    const left = this.entries[2 * index + 1];
    const right = this.entries[2 * index + 2];
    return left && right && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
  }
}

function isBefore<Item extends Timed>(left: Entry<Item>, right: Entry<Item>): boolean {
  return left.item.atMs < right.item.atMs || (left.item.atMs === right.item.atMs && left.place < right.place);
}
