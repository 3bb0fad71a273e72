import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { viewServices } from '../view-services.js';
import { readRequest } from './request.js';
import { readStreamShape } from './stream-shape.js';

const root = join(import.meta.dirname, '../../..');

describe('a request for a new view', () => {
  test('is about the stream of flights, unless it says otherwise, and gets a port of its own', () => {
    const view = readRequest(root, ['some-list', '--store=redis']);
    expect(view).toMatchObject({
      name: 'some-list',
      store: 'redis',
      stream: { name: 'flight', key: 'flightId' },
    });
    expect(viewServices(root).map(({ portOffset }) => portOffset)).not.toContain(view.portOffset);
    expect(readRequest(root, ['some-list', '--store=redis', '--stream=airline']).stream.key).toBe('carrier');
  });

  test.each<[string[], RegExp]>([
    [['--store=redis'], /Give the view one name/],
    [['some-list', 'other-list', '--store=redis'], /Give the view one name/],
    [['some-list'], /--store takes postgres, redis, elasticsearch/],
    [['some-list', '--store=sqlite'], /--store takes/],
    [['some-list', '--store=redis', '--colour=red'], /--colour/],
    [
      ['some-list', '--store=redis', '--stream=trains'],
      /no stream trains to show: there are aircraft, airline,/,
    ],
    [['some-list', '--store=redis', '--stream=generation'], /no stream generation to show/],
    [['some-list', '--store=redis', '--stream=flight-history'], /defineHistoryView/],
    [['flights', '--store=redis'], /not a view's name/],
    [['Some-List', '--store=redis'], /not a view's name/],
    [['some_list', '--store=redis'], /not a view's name/],
    [['../some-list', '--store=redis'], /not a view's name/],
    [['some-', '--store=redis'], /not a view's name/],
    [[`some-${'x'.repeat(36)}`, '--store=redis'], /not a view's name/],
    [['flight-search', '--store=redis'], /taken by services\/flight-search/],
    [['view-store', '--store=redis'], /taken by libs\/view-store/],
    [['flight-search-builder', '--store=redis'], /the builder of a view/],
    [['define-view', '--store=redis'], /a word of the code/],
  ])('%j is refused', (args, reason) => {
    expect(() => readRequest(root, args)).toThrow(reason);
  });
});

describe('the first row of a stream', () => {
  test('has its fields as the contract types them, with a sample from its golden examples', () => {
    const { fields, leftOut } = readStreamShape(root, 'flight');
    expect(leftOut).toEqual([]);
    const named = new Map(fields.map((field) => [field.name, field]));
    expect(named.get('number')).toMatchObject({ type: 'int', isNullable: false, sample: 1545 });
    expect(named.get('departedAt')).toMatchObject({ type: 'long', isNullable: true });
    expect(named.get('status')).toMatchObject({ type: { symbols: expect.arrayContaining(['cancelled']) } });
    expect(named.get('tailnum')).toMatchObject({ type: 'string', isNullable: true, sample: 'N24211' });
  });
});
