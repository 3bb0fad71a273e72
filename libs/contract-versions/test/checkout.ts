import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AvroField, AvroRecordSchema } from '@reprise/contracts';

/** The contract of parcels with these fields of the state. */
export function parcelSchema(state: readonly AvroField[], namespace = 'test'): AvroRecordSchema {
  return {
    type: 'record',
    name: 'ParcelEvent',
    namespace,
    fields: [
      { name: 'event', type: 'string' },
      { name: 'version', type: 'long' },
      { name: 'occurredAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'changed', type: { type: 'array', items: 'string' }, default: [] },
      { name: 'deleted', type: 'boolean', default: false },
      { name: 'state', type: { type: 'record', name: 'Parcel', fields: state } },
    ],
  };
}

export const id: AvroField = { name: 'id', type: 'string' };
export const weight: AvroField = { name: 'weightGrams', type: 'int' };
export const gate: AvroField = { name: 'gate', type: 'string', default: '?' };

/** A checkout with one stream, `parcel`, and the views that a test puts into it. */
export class TestCheckout {
  readonly root = mkdtempSync(join(tmpdir(), 'reprise-contracts-'));

  constructor() {
    mkdirSync(join(this.root, 'services'));
    this.write('schemas/parcel/stream.json', { topic: 'test.parcel' });
  }

  /** What is to become the next version. */
  edit(state: readonly AvroField[]): void {
    this.write('schemas/parcel/schema.avsc', parcelSchema(state));
  }

  /** An event, as it is written now. */
  example(state: object): void {
    this.write('schemas/parcel/golden/ParcelWeighed.json', {
      ...{ event: 'ParcelWeighed', version: 1, occurredAt: 0, changed: [], deleted: false, state },
    });
  }

  /** A service with a view over parcels. `project` is the text of its function. */
  view(name: string, fields: readonly string[], project = '() => []'): void {
    const folder = `services/${name}`;
    this.write(`${folder}/package.json`, {
      exports: { './view': { types: './view.mjs', default: './view.mjs' } },
      reprise: { view: { store: 'postgres' } },
    });
    const declared = { name, version: 1, source: { name: 'parcel' }, fields, references: [], code: [] };
    this.write(
      `${folder}/view.mjs`,
      `export const view = { ...${JSON.stringify(declared)}, fold: undefined, project: ${project} };\n`,
    );
  }

  write(path: string, content: unknown): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
    writeFileSync(join(this.root, path), text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
