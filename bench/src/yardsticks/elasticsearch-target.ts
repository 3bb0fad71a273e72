import { ElasticsearchClient } from '../clients.js';
import { pagesOf } from '../pages.js';
import { mappings } from '../views/mappings.js';
import { flightRow, type FlightRow } from '../views/row.js';
import type { Target } from './target.js';

const index = 'yardstick_flights';
const rowsAtOnce = 2_000;
const requestsAtOnce = 4;

/** An index with a document per flight; nothing is refreshed before the end. */
export class ElasticsearchTarget implements Target {
  private readonly client: ElasticsearchClient;

  constructor(node: string) {
    this.client = new ElasticsearchClient({ node, requestTimeout: 120_000 });
  }

  async prepare(): Promise<void> {
    await this.drop();
    await this.client.indices.create({
      index,
      settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: -1 },
      mappings: { dynamic: 'strict', properties: mappings },
    });
  }

  /** `_bulk`, some requests in flight. */
  async load(rows: Iterable<FlightRow>): Promise<void> {
    const pages = pagesOf(rows, rowsAtOnce);
    const sendAll = async (): Promise<void> => {
      for (let next = pages.next(); next.done !== true; next = pages.next()) await this.put(next.value);
    };
    await Promise.all(Array.from({ length: requestsAtOnce }, sendAll));
  }

  async put(rows: readonly FlightRow[]): Promise<void> {
    const operations = rows.flatMap((row) => [{ index: { _id: row.flightId } }, row]);
    const { errors } = await this.client.bulk({ index, operations, filter_path: ['errors'] });
    if (errors) throw new Error('Elasticsearch did not take some documents');
  }

  async finish(): Promise<void> {
    await this.client.indices.refresh({ index });
  }

  async *rows(): AsyncIterable<FlightRow> {
    const documents = this.client.helpers.scrollDocuments({ index, size: 10_000, sort: ['_doc'] });
    for await (const document of documents) yield flightRow.parse(document);
  }

  async drop(): Promise<void> {
    await this.client.indices.delete({ index, ignore_unavailable: true });
  }

  async stop(): Promise<void> {
    await this.client.close();
  }
}
