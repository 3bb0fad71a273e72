/** The least and the greatest value of a measure over the entities of a group, and what tells equal sets of values apart. */
export interface Extent {
  readonly least: number;
  readonly greatest: number;
  /** Entities that have a value. */
  readonly entities: number;
  /** Of all their values, in any order: see {@link markModulus}. */
  readonly mark: number;
}

/**
 * The mark of a value v is r (r + shift) modulo this, r being v modulo it; that of many is their sum modulo it. A prime below 2^26:
 * all products are exact as numbers, and a database can work it out alike. Made to find mistakes, not to withstand forgers.
 */
export const markModulus = 67_108_859;
export const markShift = 7_919;

/** With so many more entities that have this value; undefined: nothing was known. */
export function extended(known: Extent | undefined, value: number, count = 1): Extent {
  const { least = value, greatest = value, entities = 0, mark = 0 } = known ?? {};
  return {
    least: Math.min(least, value),
    greatest: Math.max(greatest, value),
    entities: entities + count,
    mark: (mark + positive(count) * markOf(value)) % markModulus,
  };
}

function markOf(value: number): number {
  const rest = positive(value);
  return (rest * ((rest + markShift) % markModulus)) % markModulus;
}

function positive(value: number): number {
  return ((value % markModulus) + markModulus) % markModulus;
}
