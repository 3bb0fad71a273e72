import { describe, expect, test } from '@jest/globals';
import {
  advanced,
  atMs,
  codeOf,
  correct,
  flipped,
  given,
  live,
  ready,
  started,
  verified,
} from '../../test/history.js';
import type { ConcludeVerification, RequestVerification, VerificationResult } from './commands.js';
import type { GenerationsEvent } from './events.js';

const verify = (number: number, about: Partial<RequestVerification> = {}): RequestVerification => ({
  type: 'RequestVerification',
  number,
  repair: false,
  against: null,
  requestedBy: 'bob',
  atMs,
  ...about,
});
const conclude = (
  number: number,
  id: number,
  found: Partial<VerificationResult> = {},
): ConcludeVerification => ({
  type: 'ConcludeVerification',
  number,
  id,
  result: { ...correct, ...found },
  atMs: 2_000,
});
const verifying = [started(1), advanced(1, 'catching-up'), advanced(1, 'verifying')];
const asked: GenerationsEvent = {
  event: 'VerificationRequested',
  number: 1,
  repair: false,
  against: null,
  requestedBy: 'bob',
  atMs,
};
const wrong = {
  kind: 'row',
  entity: 'UA1',
  key: 'UA1',
  expected: '{"delay":5}',
  actual: null,
};

describe('a generation that has caught up', () => {
  test('waits for a check that its asker is taken to have asked for', () => {
    const { state } = given(started(1), advanced(1, 'catching-up')).when({
      type: 'AdvanceGeneration',
      number: 1,
      to: 'verifying',
      atMs,
    });
    expect(state?.generations[0]).toMatchObject({
      status: 'verifying',
      verification: { id: 1, repair: false, against: null, requestedBy: 'ann', concludedAt: null },
    });
  });

  test('is ready when nothing differs, or all of it was mended', () => {
    const { state } = given(...verifying).when(conclude(1, 1));
    expect(state?.generations[0]).toMatchObject({
      status: 'ready',
      verification: { concludedAt: 2_000, entitiesChecked: 10 },
    });
    const mended = given(...verifying).when(conclude(1, 1, { differences: 2, repaired: 2 }));
    expect(mended.state?.generations[0]?.status).toBe('ready');
  });

  test('fails when something differs, and the reason shows the first of it', () => {
    const { state } = given(...verifying).when(
      conclude(1, 1, { differences: 3, repaired: 1, samples: [wrong] }),
    );
    expect(state?.generations[0]).toMatchObject({
      status: 'failed',
      reason: '2 differences from what the log says; the first: row UA1 is missing',
      verification: { differences: 3, samples: [wrong] },
    });
  });

  test('fails when the check could not be carried through', () => {
    const { state } = given(...verifying).when(conclude(1, 1, { problem: 'the disk is full' }));
    expect(state?.generations[0]).toMatchObject({
      status: 'failed',
      reason: 'it could not be verified: the disk is full',
    });
  });

  test('is not verified before the check that an operator asked for is over', () => {
    const { decision } = given(started(1), advanced(1, 'catching-up'), asked).when({
      type: 'AdvanceGeneration',
      number: 1,
      to: 'verifying',
      atMs,
    });
    expect(codeOf(decision)).toBe('verification-under-way');
  });
});

describe('the conclusion of a check', () => {
  test('comes to nothing when it is told again, or is that of an older one', () => {
    const again = given(...ready(1)).when(conclude(1, 1, { differences: 1 }));
    expect(again.decision).toEqual([]);
    expect(given(...ready(1), asked).when(conclude(1, 1, { differences: 1 })).decision).toEqual([]);
  });

  test('that an operator asked for changes no status, whatever was found', () => {
    const { state } = given(...live(1), asked).when(conclude(1, 2, { differences: 1, samples: [wrong] }));
    expect(state?.generations[0]).toMatchObject({
      status: 'live',
      verification: { id: 2, requestedBy: 'bob', differences: 1, concludedAt: 2_000 },
    });
  });
});

describe('a check that an operator asks for', () => {
  const two = [...live(1), ...ready(2)];
  const building = [...live(1), started(2)];
  const retired: GenerationsEvent = { event: 'GenerationRetired', number: 2, reason: 'x', atMs };

  test('gets the next id', () => {
    const { state } = given(...live(1)).when(verify(1, { repair: true }));
    expect(state?.generations[0]?.verification).toMatchObject({ id: 2, repair: true, differences: 0 });
  });

  test('may compare with another generation', () => {
    const { state } = given(...two).when(verify(2, { against: 1 }));
    expect(state?.generations[1]?.verification).toMatchObject({ id: 2, against: 1 });
  });

  test.each<[string, [string, GenerationsEvent[], RequestVerification]]>([
    ['while another one runs', ['verification-under-way', [...live(1), asked], verify(1)]],
    ['while the generation is verifying', ['verification-under-way', verifying, verify(1)]],
    ['of a generation that is being built', ['generation-status', [started(1)], verify(1)]],
    ['of a generation that is gone', ['generation-status', [...two, retired], verify(2)]],
    ['against itself', ['same-generation', two, verify(2, { against: 2 })]],
    ['against one that there never was', ['unknown-generation', two, verify(2, { against: 7 })]],
    ['against one that is being built', ['generation-status', building, verify(1, { against: 2 })]],
    ['that is to repair by a comparison', ['repair-against', two, verify(2, { against: 1, repair: true })]],
  ])('%s is refused', (_, [code, history, command]) => {
    expect(codeOf(given(...history).when(command).decision)).toBe(code);
  });

  test('does not keep it from going live', () => {
    const history = [started(1), advanced(1, 'catching-up'), advanced(1, 'verifying'), verified(1)];
    const { state } = given(...history, advanced(1, 'ready'), asked, flipped(1)).when(conclude(1, 2));
    expect(state?.generations[0]).toMatchObject({ status: 'live', verification: { id: 2 } });
  });
});
