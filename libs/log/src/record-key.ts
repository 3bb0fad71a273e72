/**
 * A history keeps every event, though its topic is compacted: each has a record key of its own, the entity's with the
 * event's version behind it. A tombstone under that key erases the event. All events of an entity are in its partition.
 * No entity's key has the separator: no store of text takes it.
 */
const separator = '\u0000';

/** @param event Version of the event; undefined for a record that stands for the entity itself. */
export function recordKey(entity: string, event: number | undefined): string {
  return event === undefined ? entity : `${entity}${separator}${event}`;
}

/** The entity that a record tells of. */
export function entityOf(key: string): string {
  const end = key.indexOf(separator);
  return end < 0 ? key : key.slice(0, end);
}
