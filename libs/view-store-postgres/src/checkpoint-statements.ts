import { formatPositions, parsePositions } from '@reprise/kernel';
import type { Checkpoint } from '@reprise/view-store';
import type { GenerationTables } from './layout.js';
import { prepared, type Queryable } from './prepared.js';

/** One function a statement. */
export async function createCheckpoints(
  client: Queryable,
  { checkpoints }: GenerationTables,
  { partitions, loading }: { partitions: readonly string[]; loading: string },
): Promise<void> {
  await client.query(
    `INSERT INTO ${checkpoints} (partition, epoch, next_offset, reference_offsets, loading)
     SELECT partition, 0, 0, '', $2 FROM unnest($1::text[]) AS n(partition) ON CONFLICT DO NOTHING`,
    [partitions, loading],
  );
}

export async function bumpEpoch(
  client: Queryable,
  { checkpoints }: GenerationTables,
  partition: string,
): Promise<Checkpoint & { epoch: number }> {
  const { rows } = await client.query<StoredCheckpoint & { epoch: string }>(
    `INSERT INTO ${checkpoints} AS c (partition, epoch, next_offset, reference_offsets) VALUES ($1, 1, 0, '')
     ON CONFLICT (partition) DO UPDATE SET epoch = c.epoch + 1
     RETURNING *`,
    [partition],
  );
  const [row] = rows;
  if (!row) throw new Error(`no checkpoint of ${partition}`);
  return { ...checkpointOf(row), epoch: Number(row.epoch) };
}

export interface CheckpointMove {
  readonly from: Checkpoint & { readonly epoch: number };
  readonly to: Omit<Checkpoint, 'partition'>;
}

/** False when a partition has another owner, or its checkpoint stands elsewhere: the others may have moved by then. */
export async function moveCheckpoints(
  client: Queryable,
  { checkpoints }: GenerationTables,
  moves: readonly CheckpointMove[],
): Promise<boolean> {
  const { rowCount } = await prepared(
    client,
    `UPDATE ${checkpoints} c SET next_offset = n.to_offset, reference_offsets = n.reference_offsets,
       loading = n.loading, loaded_to = n.loaded_to
     FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[])
       AS n(partition, epoch, from_offset, from_loading, to_offset, reference_offsets, loading, loaded_to)
     WHERE c.partition = n.partition AND c.epoch = n.epoch AND c.next_offset = n.from_offset AND c.loading = n.from_loading`,
    [
      moves.map(({ from }) => from.partition),
      moves.map(({ from }) => from.epoch),
      moves.map(({ from }) => String(from.nextOffset)),
      moves.map(({ from }) => from.loading),
      moves.map(({ to }) => String(to.nextOffset)),
      moves.map(({ to }) => formatPositions(to.references)),
      moves.map(({ to }) => to.loading),
      moves.map(({ to }) => String(to.loadedTo)),
    ],
  );
  return rowCount === moves.length;
}

export async function readCheckpoints(
  client: Queryable,
  { checkpoints }: GenerationTables,
): Promise<Checkpoint[]> {
  const { rows } = await prepared<StoredCheckpoint>(
    client,
    // By what the row has: who reads a table of before it is opened again finds no loaded_to in it.
    `SELECT partition, next_offset, reference_offsets, loading, to_jsonb(c) ->> 'loaded_to' AS loaded_to
     FROM ${checkpoints} c`,
  );
  return rows.map(checkpointOf);
}

interface StoredCheckpoint {
  readonly partition: string;
  readonly next_offset: string;
  readonly reference_offsets: string;
  readonly loading: string;
  readonly loaded_to: string | null;
}

function checkpointOf(stored: StoredCheckpoint): Checkpoint {
  const { partition, loading } = stored;
  return {
    partition,
    nextOffset: BigInt(stored.next_offset),
    references: parsePositions(stored.reference_offsets),
    loading,
    loadedTo: BigInt(stored.loaded_to ?? 0),
  };
}
