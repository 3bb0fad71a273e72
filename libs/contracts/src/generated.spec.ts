import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { catalogue } from './generated/streams.js';
import { stateSchema } from './reader-schema.js';
import type { StreamContract } from './stream.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test('the generated contracts are what schemas/ says now', () => {
  // Run as developers run it, so that the check itself is tested too.
  expect(() =>
    execFileSync(process.execPath, [here('../generate.mjs'), '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
  expect(readFileSync(here('./generated/streams.ts'), 'utf8')).toMatch(/^\/\/ Generated from schemas\//);
});

test('every stream is named, has a topic of its own and the envelope', () => {
  const streams = Object.entries(catalogue);
  expect(new Set(streams.map(([, { topic }]) => topic)).size).toBe(streams.length);
  for (const [name, contract] of streams) {
    expect(contract.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(name);
    expect(contract.subject).toBe(`${contract.topic}-value`);
    expect(contract.partitions).toBeGreaterThan(0);
    expect(contract.schema.fields.map((field) => field.name)).toEqual([
      'event',
      'version',
      'occurredAt',
      'changed',
      'deleted',
      'state',
    ]);
  }
});

test('every upcast fills a field that some version lacks, from what each such version has', () => {
  const streams: readonly StreamContract<unknown>[] = Object.values(catalogue);
  for (const { schema, earlierSchemas = [], upcasts = [] } of streams) {
    const fieldsIn = (version: typeof schema) => stateSchema(version).fields.map(({ name }) => name);
    for (const { field, reads } of upcasts) {
      expect(fieldsIn(schema)).toContain(field);
      const without = earlierSchemas.map(fieldsIn).filter((fields) => !fields.includes(field));
      expect(without).not.toEqual([]);
      for (const fields of without) expect(fields).toEqual(expect.arrayContaining([...reads]));
    }
  }
});
