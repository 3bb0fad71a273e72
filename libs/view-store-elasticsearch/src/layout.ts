import type { estypes } from '@elastic/elasticsearch';
import { parsePartitionId } from '@reprise/kernel';

/** How a view's rows lie in Elasticsearch; the view declares it. */
export interface ElasticsearchLayout<Row> {
  /** Mappings of the row's fields. Each field of a row must be named here: a row with another is refused. */
  readonly properties: Readonly<Record<string, estypes.MappingProperty>>;
  /** Analysis and the like. Shards, replicas and refresh are the store's. */
  readonly settings?: estypes.IndicesIndexSettings;
  /** Default 1. */
  readonly shards?: number;
  /** Copies of each shard once the generation is sealed; while it is built there are none. Default 0. */
  readonly replicas?: number;
  /** Makes a row of what the server holds. @throws when it is not one. */
  parseRow(stored: unknown): Row;
}

/** Where the row's fields lie inside a document: `row.carrier`. */
export function rowField(field: string): string {
  return `row.${field}`;
}

/** The filter that every query needs: a generation also holds documents that are nobody's rows. */
export const rowFilter = { term: { kind: 'row' } } as const satisfies estypes.QueryDslQueryContainer;

/** What a generation is called in the server. Queries use `rows`, an alias, so that no write can make an index by itself. */
export interface GenerationNames {
  readonly rows: string;
  readonly rowsIndex: string;
  readonly checkpoints: string;
  readonly checkpointsIndex: string;
}

export function namesOf(generation: string): GenerationNames {
  return {
    rows: generation,
    rowsIndex: `${generation}_rows`,
    checkpoints: `${generation}_checkpoints`,
    checkpointsIndex: `${generation}_checkpoints_index`,
  };
}

/** What documents say of offsets: a number for each of these source partitions, and of others as it comes. */
export function offsetFields(
  partitions: readonly string[],
): Record<'upTo' | 'loadedTo', estypes.MappingProperty> {
  const numbers = partitions.map((id) => parsePartitionId(id).partition);
  const properties = Object.fromEntries(numbers.map((number) => [number, { type: 'long' as const }]));
  const offsets = { type: 'object' as const, dynamic: true, properties };
  return { upTo: offsets, loadedTo: offsets };
}

export function rowsIndexBody(
  generation: string,
  layout: Pick<ElasticsearchLayout<unknown>, 'properties' | 'settings' | 'shards'>,
  partitions: readonly string[],
): estypes.IndicesCreateRequest {
  const unindexed = { type: 'keyword', index: false, doc_values: false } as const;
  const { rows, rowsIndex } = namesOf(generation);
  return {
    index: rowsIndex,
    aliases: { [rows]: {} },
    settings: {
      ...layout.settings,
      number_of_shards: layout.shards ?? 1,
      number_of_replicas: 0,
      // Only `settle` refreshes, so that the positions it stores are exactly what queries see.
      refresh_interval: -1,
    },
    mappings: {
      dynamic: 'strict',
      properties: {
        kind: { type: 'keyword' },
        entity: unindexed,
        key: unindexed,
        ledger: { type: 'object', enabled: false },
        ...offsetFields(partitions),
        partition: { type: 'keyword', doc_values: false },
        refers: { type: 'keyword', doc_values: false },
        row: { type: 'object', dynamic: 'strict', properties: { ...layout.properties } },
      },
    },
  };
}

export function checkpointsIndexBody(generation: string): estypes.IndicesCreateRequest {
  const { checkpoints, checkpointsIndex } = namesOf(generation);
  return {
    index: checkpointsIndex,
    aliases: { [checkpoints]: {} },
    settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: -1 },
    mappings: { enabled: false },
  };
}
