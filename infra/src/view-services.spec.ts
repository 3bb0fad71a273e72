import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { viewServices } from './view-services.js';

describe('the views of a checkout', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'reprise-views-'));
    mkdirSync(join(root, 'services'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function declare(name: string, view?: unknown): void {
    mkdirSync(join(root, 'services', name));
    const text = JSON.stringify({
      name: `@reprise/${name}`,
      ...(view === undefined ? {} : { reprise: { view } }),
    });
    writeFileSync(join(root, 'services', name, 'package.json'), text);
  }

  test('are the services that declare one, in the order of their ports', () => {
    declare('late-view', { store: 'redis', portOffset: 40 });
    declare('some-commands');
    declare('early-view', { store: 'postgres', portOffset: 2 });
    mkdirSync(join(root, 'services', 'left-over'));
    expect(viewServices(root)).toEqual([
      { name: 'early-view', store: 'postgres', portOffset: 2 },
      { name: 'late-view', store: 'redis', portOffset: 40 },
    ]);
  });

  test('that want the same port are refused by their names', () => {
    declare('one-view', { store: 'redis', portOffset: 6 });
    declare('other-view', { store: 'redis', portOffset: 6 });
    expect(() => viewServices(root)).toThrow(/one-view and other-view both have .*portOffset 6/);
  });

  test.each([
    [{ store: 'sqlite', portOffset: 6 }, /services\/some-view\/package.json cannot be used: .*store/s],
    [{ store: 'redis' }, /portOffset/],
    // The engines' ports begin at 21, the builders' at 12.
    [{ store: 'redis', portOffset: 21 }, /portOffset must be one of 2, 3,/],
    [{ store: 'redis', portOffset: 10 }, /portOffset must be one of/],
    [{ store: 'redis', portOffset: 6, topic: 'x' }, /topic/],
  ])('that declare %j are refused', (view, reason) => {
    declare('some-view', view);
    expect(() => viewServices(root)).toThrow(reason);
  });
});
