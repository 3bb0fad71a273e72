import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PidFile, takeLock } from './pid-file.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value');
  return value;
}

describe('a pid file', () => {
  let folder: string;
  let file: PidFile;
  const self = (): ProcessIdentity => required(identify(process.pid));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pid-file-'));
    file = new PidFile(join(folder, 'one.json'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('names a process that runs', () => {
    file.write(self());
    expect(file.alive()).toEqual(self());
  });

  test('does not name another process that was given the same id later', async () => {
    const reused = { ...self(), startedAt: 'another time' };
    file.write(reused);
    expect(isAlive(reused)).toBe(false);
    expect(file.alive()).toBeUndefined();
    // Were it mistaken for the one named, this would end the process that runs the test.
    expect(await file.stopLeftOver('SIGKILL', 0)).toBe(false);
  });

  test('stops the process it names, and then is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
    const identity = required(identify(required(child.pid)));
    file.write(identity);
    expect(await file.stopLeftOver('SIGTERM', 5_000)).toBe(true);
    expect(isAlive(identity)).toBe(false);
    expect(file.alive()).toBeUndefined();
  });

  test('is taken by one process at a time; what a dead one left is taken over', () => {
    expect(file.take()).toBe(true);
    expect(file.take()).toBe(false);
    file.write({ pid: process.pid, startedAt: 'another time' });
    expect(file.take()).toBe(true);
    expect(file.alive()).toEqual(self());
  });

  test('half a file names nobody', () => {
    writeFileSync(join(folder, 'one.json'), '{"pid": 1');
    expect(file.alive()).toBeUndefined();
    expect(file.take()).toBe(true);
  });

  test('as a lock, lets the next one in when it is released', async () => {
    const path = join(folder, 'lock');
    const release = await takeLock(path);
    const order: string[] = [];
    const second = takeLock(path).then((releaseSecond) => {
      order.push('second has it');
      releaseSecond();
    });
    order.push('first lets go');
    release();
    await second;
    expect(order).toEqual(['first lets go', 'second has it']);
  });
});
