import { describe, expect, test } from '@jest/globals';
import { builderSays, generation, recordOf, type Said } from '../../test/facts.js';
import { BuilderReports } from '../builders/builder-reports.js';
import { ExpiryClock } from './expiry-clock.js';

const view = 'flight-search';
const keptMs = 100_000;
const standby = generation(1, 'standby', { statusSince: 1_000 });
const at = (next: number, end: number): Said => ({ partitions: { 'flights/0': [next, end] } });

/** A control plane's clock and memory; notes outlive it. */
function started(notes = new Map<number, number>()) {
  const clock = { now: 0, nowMs: () => clock.now };
  const reports = new BuilderReports({ clock, staleAfterMs: 10_000 });
  const expiry = new ExpiryClock({
    notes: {
      notedAtMs: (_, number) => notes.get(number),
      note: (_, number, atMs) => {
        notes.set(number, atMs);
        return Promise.resolve();
      },
    },
    tombstonesKeptMs: () => keptMs,
    staleAfterMs: 10_000,
    clock,
  });
  const says = (said: Said, atMs: number) => {
    clock.now = atMs;
    reports.take(recordOf(builderSays('one', { 1: said }), atMs));
  };
  const ends = (atMs: number) => {
    clock.now = atMs;
    reports.take({ key: `${view}/one`, envelope: null, timestampMs: atMs });
  };
  const expires = (given = standby) => expiry.expiresAtMs(view, given, reports.of(view));
  const keep = () => expiry.keep(view, [standby], reports.of(view));
  return { clock, says, ends, expires, keep, notes };
}

describe('a generation', () => {
  test('that is at the end of the log, or comes nearer to it, does not expire', () => {
    const { says, expires } = started();
    says(at(50, 50), 20_000);
    expect(expires()).toBeNull();
    says(at(50, 90), 60_000);
    says(at(51, 99), 90_000);
    expect(expires()).toBeNull();
  });

  test('whose builder is away expires counted from when it was last at the end', () => {
    const { clock, says, expires } = started();
    says(at(50, 50), 20_000);
    clock.now = 30_001;
    expect(expires()).toBe(20_000 + keptMs);
  });

  test('that is behind and does not advance expires, though its builder reports', () => {
    const { says, expires } = started();
    says(at(50, 50), 20_000);
    says(at(50, 60), 40_000);
    says(at(50, 70), 60_000);
    expect(expires()).toBe(20_000 + keptMs);
  });

  test('stands still with its slowest partition', () => {
    const two = generation(1, 'standby', {
      targets: [
        { partition: 'flights/0', offset: 1 },
        { partition: 'flights/1', offset: 1 },
      ],
    });
    const { says, expires } = started();
    says({ partitions: { 'flights/0': [5, 5], 'flights/1': [5, 5] } }, 20_000);
    says({ partitions: { 'flights/0': [6, 6], 'flights/1': [5, 6] } }, 60_000);
    expect(expires(two)).toBe(20_000 + keptMs);
  });

  test('that is paused expires at once, and what its builder reports meanwhile counts for nothing', () => {
    const { says, expires } = started();
    says(at(50, 50), 20_000);
    says({ ...at(50, 50), phase: 'paused' }, 25_000);
    expect(expires({ ...standby, paused: true })).toBe(20_000 + keptMs);
  });

  test('that is gone does not expire', () => {
    const { clock, expires } = started();
    clock.now = 50_000;
    expect(expires({ ...standby, status: 'retired' })).toBeNull();
  });
});

describe('after a restart of the control plane', () => {
  test('a builder that ended long ago, and whose reports are forgotten, is remembered', async () => {
    const before = started();
    before.says(at(50, 50), 20_000);
    await before.keep();
    const after = started(before.notes);
    after.ends(70_000);
    expect(after.expires()).toBe(20_000 + keptMs);
  });

  test('an old report still has its time', () => {
    const { clock, says, expires } = started();
    says(at(50, 50), 20_000);
    clock.now = 500_000;
    expect(expires()).toBe(20_000 + keptMs);
  });

  test('a first report that is behind does not put the clock forward', async () => {
    const before = started();
    before.says(at(50, 50), 20_000);
    await before.keep();
    const after = started(before.notes);
    after.says(at(50, 90), 60_000);
    expect(after.expires()).toBe(20_000 + keptMs);
  });

  test('a generation that nothing was noted of counts from the last that was heard of it', () => {
    const ended = started();
    ended.ends(70_000);
    ended.clock.now = 90_000;
    expect(ended.expires()).toBe(70_000 + keptMs);
    const silent = started();
    silent.clock.now = 90_000;
    expect(silent.expires()).toBe(1_000 + keptMs);
  });
});
