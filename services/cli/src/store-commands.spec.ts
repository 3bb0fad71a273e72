import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { program } from './program.js';
import { runTool, storeToolOf, type StoreTool } from './store-commands.js';

let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'reprise-store-'));
  mkdirSync(join(checkout, 'services/parcel-commands/dist'), { recursive: true });
  // Writes down what it was given, and ends as it is told.
  writeFileSync(
    join(checkout, 'services/parcel-commands/dist/store.main.js'),
    `require('node:fs').writeFileSync(${JSON.stringify(join(checkout, 'given'))},
      JSON.stringify([process.argv.slice(2), process.env.PARCEL_SETTING ?? null]));
    process.exitCode = process.argv.includes('--anew') ? 1 : 0;`,
  );
});
afterEach(() => {
  rmSync(checkout, { recursive: true, force: true });
});

const given = (): unknown => JSON.parse(readFileSync(join(checkout, 'given'), 'utf8'));

function tool(settings?: string): StoreTool {
  const found = storeToolOf('parcel-commands', { checkout, settings });
  if (!found) throw new Error('no tool');
  return found;
}

test('the program of a command service is given the arguments, and the settings that npm start wrote', async () => {
  await runTool(tool(), ['verify', '--json']);
  expect(given()).toEqual([['verify', '--json'], null]);
  mkdirSync(join(checkout, '.reprise/settings'), { recursive: true });
  writeFileSync(join(checkout, '.reprise/settings/parcel-commands.env'), 'PARCEL_SETTING="here it is"\n');
  await runTool(tool(), ['recover']);
  expect(given()).toEqual([['recover'], 'here it is']);
});

test('other settings can be named', async () => {
  const file = join(checkout, 'mine.env');
  writeFileSync(file, 'PARCEL_SETTING="mine"\n');
  await runTool(tool(file), ['recover']);
  expect(given()).toEqual([['recover'], 'mine']);
});

test('its failure is ours', async () => {
  await expect(runTool(tool(), ['recover', '--anew'])).rejects.toThrow(
    'recover parcel-commands did not end well.',
  );
});

test.each(['flight-search', '../cli', 'no-such-service'])('%s has no write store', async (service) => {
  expect(storeToolOf(service)).toBeUndefined();
  const config = { controlUrl: 'http://127.0.0.1:1', actor: 'ann' };
  const recovering = program(config, new PassThrough()).parseAsync(['node', 'reprise', 'recover', service]);
  await expect(recovering).rejects.toThrow(`${service} has no write store that could be recovered.`);
});
