/** Where a row stands in a sorted set of its generation. */
export interface IndexPlace {
  readonly index: string;
  /** A whole number, as epoch milliseconds. */
  readonly score: number;
}

/** How a view's rows lie in Redis. */
export interface RedisLayout<Row> {
  /** Reads a row back from its JSON; throws when it is not one. */
  readonly parseRow: (stored: unknown) => Row;
  /** The sorted sets that a row is a member of. Equal scores are ordered by the row's key. */
  readonly indexes: (row: Row) => readonly IndexPlace[];
}

/** A generation's keys. The braces put all of them into one slot of a cluster, so that one script may touch them all. */
export function keysOf(generation: string) {
  const tag = `{${generation}}`;
  return {
    pattern: `${tag}:*`,
    checkpoints: `${tag}:checkpoints`,
    rows: `${tag}:rows`,
    entities: `${tag}:entities`,
    indexPrefix: `${tag}:ix:`,
    referencePrefix: `${tag}:ref:`,
  };
}

/** A row's field: the key first, so that equal scores are ordered by it. */
export function rowId(entity: string, key: string): string {
  return isPlain.test(key) && isPlain.test(entity) ? `["${key}","${entity}"]` : JSON.stringify([key, entity]);
}

/** What JSON writes as it is: nearly all keys are such. */
const isPlain = /^[ !#-[\]-~]*$/;

/** @throws SyntaxError or TypeError when it is not what {@link rowId} writes. */
export function parseRowId(id: string): { entity: string; key: string } {
  const parsed: unknown = JSON.parse(id);
  if (!Array.isArray(parsed)) throw new TypeError(`not a row's id: ${id}`);
  return { key: String(parsed[0]), entity: String(parsed[1]) };
}

/** The set of a partition's entities that refer to something: after the prefix. */
export function referenceSet(partition: string, reference: string): string {
  return `${partition}:${reference}`;
}
