import { describe, expect, test } from '@jest/globals';
import { searchParameters } from './parameters.js';

describe('the parameters of a search', () => {
  test('have defaults', () => {
    expect(searchParameters.parse({})).toEqual({ sort: 'scheduledDeparture', limit: 20 });
  });

  test('take several values joined by commas, in any order', () => {
    const { carrier, status } = searchParameters.parse({ carrier: 'UA,AA,UA', status: 'arrived,departed' });
    expect(carrier).toEqual(['AA', 'UA']);
    expect(status).toEqual(['arrived', 'departed']);
  });

  test('are numbers where numbers are meant', () => {
    expect(searchParameters.parse({ minDelay: '-5', limit: '0' })).toMatchObject({ minDelay: -5, limit: 0 });
  });

  test.each([
    ['q', ' '],
    ['carrier', 'United'],
    ['carrier', 'UA,'],
    ['carrier', ''],
    ['carrier', ['UA', 'AA']],
    ['origin', 'new york'],
    ['destination', 'jfk'],
    ['date', '2013-02-30'],
    ['date', '1 May'],
    ['status', 'late'],
    ['minDelay', ''],
    ['minDelay', '1.5'],
    ['minDelay', '1e3'],
    ['sort', 'carrier'],
    ['limit', '1001'],
    ['limit', '-1'],
    ['cursor', ''],
  ])('refuse %s=%j, naming the parameter', (name, value) => {
    const { error } = searchParameters.safeParse({ [name]: value });
    expect(error?.issues.map(({ path }) => path[0])).toEqual([name]);
  });

  test('refuse what is not known, by name', () => {
    const { error } = searchParameters.safeParse({ carier: 'UA' });
    expect(error?.issues[0]?.message).toContain('carier');
  });

  test('are refused all at once', () => {
    const { error } = searchParameters.safeParse({ limit: 'x', sort: 'y', status: 'z' });
    expect(error?.issues.map(({ path }) => path[0]).sort()).toEqual(['limit', 'sort', 'status']);
  });
});
