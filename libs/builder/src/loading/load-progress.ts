/**
 * How far a partition's bulk load is. The log is read backwards, from `end` down, and each entity is taken where it is met
 * first. When there are more entities than may be remembered at once, a pass splits in two by their hashes.
 */
export interface LoadProgress {
  /** The offset after the last record that is loaded; noted once, when the load begins. */
  readonly end: bigint;
  readonly passes: readonly LoadPass[];
  /** True when some entities could not be loaded: they are to be read in order. */
  readonly isUnclear: boolean;
}

/** Of the entities whose hash leaves `remainder` when divided by `modulus`, all whose newest record is at `below` or later are loaded. */
export interface LoadPass {
  readonly modulus: number;
  readonly remainder: number;
  readonly below: bigint;
}

export function loadBegun(end: bigint): LoadProgress {
  return { end, passes: [{ modulus: 1, remainder: 0, below: end }], isUnclear: false };
}

/** As the store keeps it: `end/modulus.remainder.below;…`, with a `?` before it when it is unclear. */
export function formatProgress({ end, passes, isUnclear }: LoadProgress): string {
  return `${isUnclear ? '?' : ''}${end}/${passes.map(({ modulus, remainder, below }) => `${modulus}.${remainder}.${below}`).join(';')}`;
}

/** @throws RangeError when the text is not what {@link formatProgress} writes. */
export function parseProgress(text: string): LoadProgress {
  const [, mark, end, passes] = /^(\??)(\d+)\/((?:\d+\.\d+\.\d+;?)+)$/.exec(text) ?? [];
  if (end === undefined || passes === undefined) throw new RangeError(`not the progress of a load: ${text}`);
  return { end: BigInt(end), passes: passes.split(';').map(parsePass), isUnclear: mark === '?' };
}

function parsePass(text: string): LoadPass {
  const [modulus = '', remainder = '', below = ''] = text.split('.');
  return { modulus: Number(modulus), remainder: Number(remainder), below: BigInt(below) };
}

/** The pass halved: the one that goes on, and the one that comes later. */
export function split({ modulus, remainder, below }: LoadPass): [LoadPass, LoadPass] {
  const twice = modulus * 2;
  return [
    { modulus: twice, remainder, below },
    { modulus: twice, remainder: remainder + modulus, below },
  ];
}

export function takes({ modulus, remainder }: LoadPass, key: string): boolean {
  return modulus === 1 || hashOf(key) % modulus === remainder;
}

/** FNV-1a, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
