import { expect, jest, test } from '@jest/globals';
import { CodedError } from '@reprise/kernel';
import { whileAway } from './while-away.js';

function failing(times: number, decision: 'retry' | 'stop') {
  return jest.fn(() => {
    times -= 1;
    if (times >= 0) return Promise.reject(new CodedError('away', 'not there', { decision }));
    return Promise.resolve('there');
  });
}

test('work is done again while its dependencies are away, and tells why it waits', async () => {
  const onAway = jest.fn();
  const work = failing(2, 'retry');
  expect(await whileAway(work, { onAway })).toBe('there');
  expect(work).toHaveBeenCalledTimes(3);
  expect(onAway.mock.calls).toEqual([['not there'], ['not there']]);
});

test('a failure that does not pass is thrown at once', async () => {
  const work = failing(1, 'stop');
  await expect(whileAway(work, {})).rejects.toThrow('not there');
  expect(work).toHaveBeenCalledTimes(1);
});

test('it gives up as soon as nobody waits for it any more', async () => {
  const work = failing(10, 'retry');
  await expect(whileAway(work, { goOn: () => work.mock.calls.length < 2 })).rejects.toThrow('not there');
  expect(work).toHaveBeenCalledTimes(2);
});
