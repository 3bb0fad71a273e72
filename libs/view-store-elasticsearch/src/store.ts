import { Client } from '@elastic/elasticsearch';
import { openAddress, type ViewStore } from '@reprise/view-store';
import { BulkWriter, defaultLimits, type BulkLimits } from './bulk.js';
import { storedRow } from './contents.js';
import { ElasticsearchGeneration } from './generation.js';
import { namesOf, type ElasticsearchLayout } from './layout.js';

export interface ElasticsearchViewStoreOptions<Row> {
  /** Base address of the server. */
  readonly node: string;
  readonly layout: ElasticsearchLayout<Row>;
  readonly bulk?: Partial<BulkLimits>;
  /** How long one request may take. Default 30 s. */
  readonly requestTimeoutMs?: number;
}

/**
 * Generations of a view in Elasticsearch: rows only, no groups. `client` is for the view's searches; each of them names
 * the generation as its index, takes `rowFilter` among its filters, and finds the row's fields under `rowField`. One row by its
 * key is for `row`.
 */
export class ElasticsearchViewStore<Row> implements ViewStore<Row> {
  readonly client: Client;
  private readonly layout: ElasticsearchLayout<Row>;
  private readonly bulk: BulkWriter;
  private readonly generations = new Map<string, ElasticsearchGeneration<Row>>();

  constructor({ node, layout, bulk, requestTimeoutMs = 30_000 }: ElasticsearchViewStoreOptions<Row>) {
    // Sent again unseen, a guarded write would run into its own first try and look like another writer's.
    const { url, ca, apiKey } = openAddress('elasticsearch', node);
    this.client = new Client({
      node: url,
      requestTimeout: requestTimeoutMs,
      maxRetries: 0,
      ...(ca !== undefined && { tls: { ca } }),
      ...(apiKey !== undefined && { auth: { apiKey } }),
    });
    this.layout = layout;
    this.bulk = new BulkWriter(this.client, { ...defaultLimits, ...bulk });
  }

  /** The same object for the same name: it remembers between reading the ledger and applying. */
  generation(name: string): ElasticsearchGeneration<Row> {
    const known = this.generations.get(name);
    if (known) return known;
    const made = new ElasticsearchGeneration<Row>(name, {
      client: this.client,
      bulk: this.bulk,
      layout: this.layout,
    });
    this.generations.set(name, made);
    return made;
  }

  /**
   * The row that an entity has under this key, by default the entity's own; undefined where there is none. As a search would find
   * it, for a fraction of the server's work: as of the last refresh.
   * @throws CodedError `generation-missing`, or as `attempt` tells; and what the layout's `parseRow` throws.
   */
  async row(generation: string, key: string, entity = key): Promise<Row | undefined> {
    const stored = await storedRow(this.client, namesOf(generation).rows, { entity, key });
    return stored === undefined ? undefined : this.layout.parseRow(stored);
  }

  async stop(): Promise<void> {
    await this.client.close();
  }
}
