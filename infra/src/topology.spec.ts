import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { enginePorts } from './ports.js';
import { processesBeside, topology, withBuilders } from './topology.js';

const root = join(import.meta.dirname, '../..');

describe('the topology', () => {
  test('no two processes, nor an engine, share a port or a name', () => {
    const beside = ['flight-search', 'flight-search', 'departure-board'].map((view) => ({ view, root }));
    const processes = [
      ...withBuilders({ 'flight-search': 2, 'departure-board': 1 }),
      ...processesBeside(beside),
    ];
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

  test('a version beside is run from its own checkout, with the store that its view has there', () => {
    const beside = processesBeside([{ view: 'route-punctuality', root }]);
    expect(beside).toMatchObject([
      {
        name: 'route-punctuality-beside-1-builder',
        root,
        entry: 'services/route-punctuality/dist/builder.main.js',
        database: 'route_punctuality',
      },
      { name: 'route-punctuality-beside-1', root, entry: 'services/route-punctuality/dist/query.main.js' },
    ]);
  });

  test('a version beside is refused when its checkout has no such view, or is none, or they are too many', () => {
    expect(() => processesBeside([{ view: 'weather', root }])).toThrow(
      /has no view weather: it has departure-board, flight-search,/,
    );
    expect(() => processesBeside([{ view: 'flight-search', root: join(root, 'docs') }])).toThrow(
      /docs is no checkout/,
    );
    const many = Array.from({ length: 11 }, () => ({ view: 'flight-search', root }));
    expect(() => processesBeside(many)).toThrow('No more than 10 versions');
  });

  test('a view that does not exist gets no builders', () => {
    expect(() => withBuilders({ weather: 1 })).toThrow('no such view: weather');
  });
});
