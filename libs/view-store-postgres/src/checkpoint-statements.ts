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

/** False when the partition has another owner, or its checkpoint stands elsewhere. */
export async function moveCheckpoint(
  client: Queryable,
  { checkpoints }: GenerationTables,
  move: { from: Checkpoint & { epoch: number }; to: Omit<Checkpoint, 'partition'> },
): Promise<boolean> {
  const { from, to } = move;
  const { rowCount } = await prepared(
    client,
    `UPDATE ${checkpoints} SET next_offset = $4, reference_offsets = $5, loading = $6
     WHERE partition = $1 AND epoch = $2 AND next_offset = $3`,
    [
      from.partition,
      from.epoch,
      String(from.nextOffset),
      String(to.nextOffset),
      formatPositions(to.references),
      to.loading,
    ],
  );
  return rowCount === 1;
}

export async function readCheckpoints(
  client: Queryable,
  { checkpoints }: GenerationTables,
): Promise<Checkpoint[]> {
  const { rows } = await prepared<StoredCheckpoint>(
    client,
    `SELECT partition, next_offset, reference_offsets, loading FROM ${checkpoints}`,
  );
  return rows.map(checkpointOf);
}

interface StoredCheckpoint {
  readonly partition: string;
  readonly next_offset: string;
  readonly reference_offsets: string;
  readonly loading: string;
}

function checkpointOf({
  partition,
  next_offset: nextOffset,
  reference_offsets: offsets,
  loading,
}: StoredCheckpoint): Checkpoint {
  return { partition, nextOffset: BigInt(nextOffset), references: parsePositions(offsets), loading };
}
