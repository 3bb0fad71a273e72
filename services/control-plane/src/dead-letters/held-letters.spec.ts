import { describe, expect, test } from '@jest/globals';
import type { DeadLetter, Envelope } from '@reprise/contracts';
import { letter } from '../../test/facts.js';
import { HeldLetters, openLettersOf } from './held-letters.js';

const told = (state: DeadLetter): { key: string; envelope: Envelope<DeadLetter> } => ({
  key: state.letterId,
  envelope: { event: 'DeadLetterWritten', version: 1, occurredAt: 0, changed: [], deleted: false, state },
});

function holding(...letters: DeadLetter[]): HeldLetters {
  const held = new HeldLetters();
  for (const one of letters) held.take(told(one));
  return held;
}

describe('held letters', () => {
  test('are selected by all that is given, those set aside last first', () => {
    const held = holding(
      letter(1),
      letter(2, { status: 'redriven' }),
      letter(3),
      letter(4, { view: 'search' }),
    );
    expect(held.select({}).map(({ offset }) => offset)).toEqual([4, 3, 2, 1]);
    expect(held.select({ view: 'board', status: 'open' }).map(({ offset }) => offset)).toEqual([3, 1]);
    expect(held.select({ key: 'k3', letterIds: ['board_g1/t/0/1'] })).toEqual([]);
    expect(held.select({ letterIds: ['board_g1/t/0/1'] })).toHaveLength(1);
  });

  test('go with their tombstone, and are replaced when they are told again', () => {
    const held = holding(letter(1), letter(2));
    held.take(told(letter(1, { status: 'discarded' })));
    expect([...openLettersOf(held, 'board')]).toEqual([[1, 1]]);
    held.take({ key: 'board_g1/t/0/2', envelope: null });
    expect([...openLettersOf(held, 'board')]).toEqual([]);
    expect(held.select({})).toHaveLength(1);
  });

  test('keep no bytes, and no more text than a screen takes', () => {
    const [held] = holding(letter(1, { decoded: 'x'.repeat(20_000) })).select({});
    expect(held).not.toHaveProperty('record');
    expect(held).toMatchObject({ recordBytes: 7 });
    expect(held?.decoded).toHaveLength(8_192);
  });

  test('wake who waits for them as soon as it is so, and tell who waited too long', async () => {
    const held = holding(letter(1));
    const closed = held.until(() => held.find('board_g1/t/0/1')?.status === 'discarded', 60_000);
    held.take(told(letter(1, { status: 'discarded' })));
    expect(await closed).toBe(true);
    expect(await held.until(() => false, 1)).toBe(false);
  });
});
