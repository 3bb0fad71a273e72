import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { enginePorts } from './ports.js';
import { topology, withBuilders } from './topology.js';

describe('the topology', () => {
  test('no two processes, nor an engine, share a port or a name', () => {
    const processes = withBuilders({ 'flight-search': 2, 'departure-board': 1 });
    const ports = [...processes.map(({ portOffset }) => portOffset), ...Object.values(enginePorts)];
    expect(new Set(ports).size).toBe(ports.length);
    expect(new Set(processes.map(({ name }) => name)).size).toBe(processes.length);
  });

  test('further builders of a view run what its first runs', () => {
    const added = withBuilders({ 'flight-search': 2 }).slice(topology.length);
    expect(added.map(({ name }) => name)).toEqual(['flight-search-builder-2', 'flight-search-builder-3']);
    expect(new Set(added.map(({ entry }) => entry))).toEqual(
      new Set(['services/flight-search/dist/builder.main.js']),
    );
  });

  test('the Compose file runs the same processes', () => {
    const compose = readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
    const run = [...compose.matchAll(/^ {2}([a-z0-9-]+):\n {4}<<: \*service\n {4}command: \['(.+)'\]/gm)];
    expect(run.map(([, name, entry]) => [name, entry])).toEqual(
      topology.map(({ name, entry }) => [name, entry]),
    );
  });

  test('a view that does not exist gets no builders', () => {
    expect(() => withBuilders({ weather: 1 })).toThrow('no such view: weather');
  });
});
