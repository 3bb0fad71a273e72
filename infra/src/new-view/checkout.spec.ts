import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { addToCheckout } from './checkout.js';

describe('a view that is added to a checkout', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'reprise-checkout-'));
    mkdirSync(join(root, 'services'));
    writeFileSync(join(root, 'pnpm-lock.yaml'), 'lock\n');
    writeFileSync(join(root, 'docker-compose.yml'), 'services\n');
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const install = (): void => {
    appendFileSync(join(root, 'pnpm-lock.yaml'), 'more\n');
  };
  const read = (name: string): string => readFileSync(join(root, name), 'utf8');
  const view = {
    folder: 'services/some-view',
    files: [{ path: 'src/row.ts', text: 'row\n' }],
    outside: [
      { path: 'docker-compose.yml', text: 'services and more\n' },
      { path: 'some-view.cfg', text: 'gateway\n' },
    ],
  };

  test('is there, whole', () => {
    addToCheckout(root, view, install);
    expect(read('services/some-view/src/row.ts')).toBe('row\n');
    expect(read('docker-compose.yml')).toBe('services and more\n');
    expect(read('some-view.cfg')).toBe('gateway\n');
    expect(read('pnpm-lock.yaml')).toBe('lock\nmore\n');
    expect(readdirSync(join(root, '.cache'))).toEqual([]);
  });

  test('is taken back when its packages cannot be installed', () => {
    expect(() => {
      addToCheckout(root, view, () => {
        install();
        throw new Error('the registry is away');
      });
    }).toThrow('the registry is away');
    expect(existsSync(join(root, 'services/some-view'))).toBe(false);
    expect(existsSync(join(root, 'some-view.cfg'))).toBe(false);
    expect(read('docker-compose.yml')).toBe('services\n');
    expect(read('pnpm-lock.yaml')).toBe('lock\n');
  });

  test('never touches a folder that is there already', () => {
    mkdirSync(join(root, 'services/some-view'));
    writeFileSync(join(root, 'services/some-view/mine.ts'), 'mine\n');
    expect(() => {
      addToCheckout(root, view, install);
    }).toThrow();
    expect(readdirSync(join(root, 'services/some-view'))).toEqual(['mine.ts']);
    expect(read('pnpm-lock.yaml')).toBe('lock\n');
  });
});
