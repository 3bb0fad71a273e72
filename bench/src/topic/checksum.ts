import { hash } from 'node:crypto';
import { rowFields, type FlightRow } from '../views/row.js';

/** What a set of rows is, whatever their order. */
export interface Content {
  readonly rows: number;
  readonly checksum: string;
}

/** Adds up a digest of every row. */
export class Checksum {
  private rows = 0;
  private high = 0;
  private low = 0;

  add(row: FlightRow): void {
    const digest = hash('md5', JSON.stringify(rowFields.map((field) => row[field])), 'buffer');
    this.rows += 1;
    this.high = (this.high + digest.readUInt32BE(0)) >>> 0;
    this.low = (this.low + digest.readUInt32BE(4)) >>> 0;
  }

  content(): Content {
    return { rows: this.rows, checksum: hex(this.high) + hex(this.low) };
  }
}

export async function contentOf(rows: AsyncIterable<FlightRow> | Iterable<FlightRow>): Promise<Content> {
  const checksum = new Checksum();
  for await (const row of rows) checksum.add(row);
  return checksum.content();
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
