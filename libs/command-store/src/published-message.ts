import { partitionId } from '@reprise/kernel';
import type { RecordPlace } from '@reprise/log';

/** A record that was published: its outbox id, and how far a reader has come that shows it. */
export interface PublishedRecord {
  readonly id: string;
  /** `topic/partition`. */
  readonly partition: string;
  readonly nextOffset: bigint;
}

/** The server takes notifications below 8,000 bytes. */
const maxBytes = 7_900;

/**
 * What is told of a batch, in as many messages as it takes. A line of a message is a partition, the next offset of its first
 * record, and the outbox ids of records that lie one behind another: `flights.flight/2 1001 17,18,21`. All ASCII.
 */
export function publishedMessages(ids: readonly string[], places: readonly RecordPlace[]): string[] {
  const messages: string[] = [];
  let message = '';
  let line: { readonly partition: string; next: bigint } | undefined;
  for (const { id, partition, nextOffset } of inPartitions(ids, places)) {
    const goesOn = line?.partition === partition && line.next === nextOffset;
    const text = goesOn ? `,${id}` : `\n${partition} ${nextOffset} ${id}`;
    if (message.length + text.length > maxBytes) {
      messages.push(message);
      message = `${partition} ${nextOffset} ${id}`;
    } else {
      message += message === '' ? text.trimStart() : text;
    }
    line = { partition, next: nextOffset + 1n };
  }
  return message === '' ? messages : [...messages, message];
}

/** Passes over lines that no version of this code wrote. */
export function readPublished(message: string): PublishedRecord[] {
  return message.split('\n').flatMap((line) => {
    const [, partition, first, ids] = /^(\S+\/\d+) (\d+) (\d+(?:,\d+)*)$/.exec(line) ?? [];
    if (partition === undefined || first === undefined || ids === undefined) return [];
    return ids.split(',').map((id, index) => ({ id, partition, nextOffset: BigInt(first) + BigInt(index) }));
  });
}

function inPartitions(ids: readonly string[], places: readonly RecordPlace[]): PublishedRecord[] {
  const byPartition = Map.groupBy(
    places.map(({ offset, ...place }, index) => ({
      id: ids[index] ?? '',
      partition: partitionId(place),
      nextOffset: offset + 1n,
    })),
    ({ partition }) => partition,
  );
  return [...byPartition.values()].flat();
}
