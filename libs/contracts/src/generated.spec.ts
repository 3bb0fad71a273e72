import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { catalogue } from './generated/streams.js';

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
