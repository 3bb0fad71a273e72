import type { Seeded } from './scheduler.js';

/** Any of them. */
export function pick<Item>(random: Seeded, items: readonly Item[]): Item {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
