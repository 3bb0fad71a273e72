import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-cli-'));
  mkdirSync(join(folder, 'cli/bin'), { recursive: true });
  cpSync(join(import.meta.dirname, '../bin/reprise.mjs'), join(folder, 'cli/bin/reprise.mjs'));
  writeFileSync(join(folder, 'cli/package.json'), '{"type":"module"}');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function built(main: string): void {
  mkdirSync(join(folder, 'cli/dist'));
  writeFileSync(join(folder, 'cli/dist/main.js'), main);
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly text: string;
}

function run(
  args: readonly string[],
  onText: (kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(folder, 'reprise'), ...args]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += String(chunk);
      onText((signal) => child.kill(signal));
    });
  }
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      resolve({ code, signal, text });
    }),
  );
}

beforeEach(() => {
  symlinkSync(join(folder, 'cli/bin/reprise.mjs'), join(folder, 'reprise'));
});

test('says what to do when nothing is built', async () => {
  await expect(run(['views'])).resolves.toMatchObject({
    code: 1,
    text: expect.stringContaining('npm start'),
  });
});

test('hands arguments over and the exit code back, also through a link', async () => {
  built("console.log(process.argv.slice(2).join('|')); process.exit(7);");
  await expect(run(['flip', 'a b', '--json'])).resolves.toEqual({
    code: 7,
    signal: null,
    text: 'flip|a b|--json\n',
  });
});

test('passes a signal on, and ends the way the program ended', async () => {
  built("setInterval(() => undefined, 1000); console.log('up');");
  await expect(
    run([], (kill) => {
      kill('SIGTERM');
    }),
  ).resolves.toMatchObject({ code: null, signal: 'SIGTERM' });
});

test('leaves it to the program what a signal does', async () => {
  built(
    "process.on('SIGINT', () => process.exit(3)); setInterval(() => undefined, 1000); console.log('up');",
  );
  await expect(
    run([], (kill) => {
      kill('SIGINT');
    }),
  ).resolves.toMatchObject({ code: 3, signal: null });
});
