import { describe, expect, test } from '@jest/globals';
import { isRefusal, refuse, type Decider } from './decider.js';
import { scenario } from './scenario.js';

interface Door {
  readonly open: boolean;
}
type DoorCommand = { readonly kind: 'build' | 'open' | 'slam' | 'remove' };
type DoorEvent = { readonly event: 'DoorBuilt' | 'DoorOpened' | 'DoorClosed' | 'DoorRemoved' };

const door: Decider<Door, DoorCommand, DoorEvent> = {
  decide: (state, { kind }) => {
    if (kind === 'build') return state ? [] : [{ event: 'DoorBuilt' }];
    if (!state) return refuse('not-found', 'no-door', 'There is no door.');
    if (kind === 'remove') return [{ event: 'DoorRemoved' }];
    if (kind === 'slam') return [{ event: 'DoorOpened' }, { event: 'DoorClosed' }];
    return state.open ? [] : [{ event: 'DoorOpened' }];
  },
  evolve: (_state, { event }) => ({ open: event === 'DoorOpened' }),
  isDeletion: ({ event }) => event === 'DoorRemoved',
};

describe('a scenario', () => {
  test('without history the entity does not exist', () => {
    const { decision, state } = scenario(door).given().when({ kind: 'open' });
    expect(decision).toEqual({
      refused: true,
      kind: 'not-found',
      code: 'no-door',
      detail: 'There is no door.',
    });
    expect(isRefusal(decision)).toBe(true);
    expect(state).toBeUndefined();
  });

  test('decides on the state that the history left, and shows the state after the decision', () => {
    const { decision, state } = scenario(door).given({ event: 'DoorBuilt' }).when({ kind: 'open' });
    expect(decision).toEqual([{ event: 'DoorOpened' }]);
    expect(state).toEqual({ open: true });
  });

  test('folds several events of one decision in their order', () => {
    const { decision, state } = scenario(door).given({ event: 'DoorBuilt' }).when({ kind: 'slam' });
    expect(decision).toHaveLength(2);
    expect(state).toEqual({ open: false });
  });

  test('a command that changes nothing is no refusal and leaves the state', () => {
    const { decision, state } = scenario(door)
      .given({ event: 'DoorBuilt' }, { event: 'DoorOpened' })
      .when({ kind: 'open' });
    expect(decision).toEqual([]);
    expect(isRefusal(decision)).toBe(false);
    expect(state).toEqual({ open: true });
  });

  test('after the deleting fact the entity does not exist, until it is made again', () => {
    const removed = [{ event: 'DoorBuilt' }, { event: 'DoorRemoved' }] as const;
    expect(scenario(door).given({ event: 'DoorBuilt' }).when({ kind: 'remove' }).state).toBeUndefined();
    expect(
      isRefusal(
        scenario(door)
          .given(...removed)
          .when({ kind: 'open' }).decision,
      ),
    ).toBe(true);
    expect(
      scenario(door)
        .given(...removed)
        .when({ kind: 'build' }).state,
    ).toEqual({ open: false });
  });

  test('one history serves many questions: asking does not change it', () => {
    const given = scenario(door).given({ event: 'DoorBuilt' });
    given.when({ kind: 'remove' });
    expect(given.when({ kind: 'open' }).state).toEqual({ open: true });
  });
});
