import { describe, expect, test } from '@jest/globals';
import { builderSays, recordOf } from '../../test/facts.js';
import { BuilderReports } from './builder-reports.js';

function reportsWithClock() {
  const clock = { now: 0, nowMs: () => clock.now };
  return { clock, reports: new BuilderReports({ clock, staleAfterMs: 10_000 }) };
}

describe('builder reports', () => {
  test('positions never go back, whoever reports them', () => {
    const { reports } = reportsWithClock();
    reports.take(recordOf(builderSays('one', { 1: { partitions: { 'flights/0': [50, 60] } } }), 0));
    reports.take(recordOf(builderSays('two', { 1: { partitions: { 'flights/0': [0, 40] } } }), 1));
    expect(reports.of('flight-search').applied.get(1)).toEqual(new Map([['flights/0', 50n]]));
    expect(reports.of('flight-search').ends).toEqual(new Map([['flights/0', 60n]]));
  });

  test('a builder that is silent for too long is gone, but what it applied stays known', () => {
    const { clock, reports } = reportsWithClock();
    reports.take(recordOf(builderSays('one', { 1: { partitions: { 'flights/0': [50, 60] } } }), 0));
    clock.now = 10_000;
    expect(reports.of('flight-search').builders).toHaveLength(1);
    clock.now = 10_001;
    expect(reports.of('flight-search').builders).toEqual([]);
    expect(reports.of('flight-search').applied.get(1)?.get('flights/0')).toBe(50n);
  });

  test('reports from long ago announce no builder', () => {
    const { clock, reports } = reportsWithClock();
    clock.now = 60_000;
    reports.take(recordOf(builderSays('one', {}), 0));
    expect(reports.of('flight-search').builders).toEqual([]);
  });

  test('a tombstone ends a builder at once', () => {
    const { reports } = reportsWithClock();
    reports.take(recordOf(builderSays('one', {}), 0));
    reports.take({ key: 'flight-search/one', envelope: null, timestampMs: 1 });
    expect(reports.of('flight-search').builders).toEqual([]);
  });

  test('whoever waits for a change goes on with the next report', async () => {
    const { reports } = reportsWithClock();
    const changed = reports.changed(60_000);
    reports.take(recordOf(builderSays('one', {}), 0));
    await expect(changed).resolves.toBeUndefined();
  });
});
