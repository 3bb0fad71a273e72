import { describe, expect, test } from '@jest/globals';
import { gone, maxGoneMs, maxHoldMs, serving, slowRead, Stage, switchHeldUp } from '../test/pointer-stage.js';

describe('the live pointer', () => {
  test('answers nothing while no generation is live, and the first one at once', async () => {
    const stage = new Stage();
    expect(await stage.pointer.read((generation) => Promise.resolve(generation))).toBeUndefined();
    stage.pointer.want('g1');
    await stage.pass(0);
    expect(await stage.pointer.read((generation) => Promise.resolve(generation))).toEqual({
      generation: 'g1',
      result: 'g1',
    });
    expect(stage.switches).toEqual([{ from: undefined, to: 'g1' }]);
  });

  test('stays with the old generation, holding no read, until the new one has about caught up', async () => {
    const stage = await serving('g1');
    stage.shown.set('g1', 5n).set('g2', 4n);
    stage.pointer.want('g2');
    await stage.pass(5_000);
    expect(await stage.pointer.read((generation) => Promise.resolve(generation))).toMatchObject({
      generation: 'g1',
    });
    stage.shown.set('g2', 5n);
    await stage.pass(20);
    expect(stage.pointer.generation).toBe('g2');
  });

  test('a read in flight finishes on its generation, and those that begin meanwhile wait for the new one', async () => {
    const { stage, early } = await switchHeldUp();
    const late = slowRead(stage.pointer);
    await stage.pass(0);
    expect([early.state.began, late.state.began]).toEqual(['g1', undefined]);
    stage.shown.set('g2', 5n);
    await stage.pass(20);
    expect([early.state.answer, late.state.began]).toEqual([undefined, 'g2']);
    early.end();
    await stage.pass(0);
    expect(early.state.answer).toBe('g1');
    late.end();
  });

  test('reads are held until the new generation shows what the old one showed when they were stopped', async () => {
    const { stage, early } = await switchHeldUp();
    early.end();
    const held = slowRead(stage.pointer);
    await stage.pass(100);
    expect(held.state.began).toBeUndefined();
    stage.shown.set('g2', 5n);
    await stage.pass(20);
    expect(held.state.began).toBe('g2');
    held.end();
  });

  test('what the new generation has applied is made visible at once, as no builder may do so in time', async () => {
    const stage = await serving('g1');
    stage.shown.set('g1', 5n).set('g2', 4n);
    stage.applied.set('g2', 5n);
    stage.pointer.want('g2');
    await stage.pass(20);
    expect(stage.pointer.generation).toBe('g2');
  });

  test('the first attempt holds reads only briefly, and no other is made while the new generation is far behind', async () => {
    const stage = await serving('g1');
    stage.shown.set('g1', 5n).set('g2', 4n);
    stage.pointer.want('g2');
    await stage.pass(0);
    const held = slowRead(stage.pointer);
    await stage.pass(100);
    expect(held.state.began).toBeUndefined();
    await stage.pass(450);
    expect(held.state.began).toBe('g1');
    held.end();
    const later = slowRead(stage.pointer);
    await stage.pass(0);
    expect(later.state.began).toBe('g1');
    later.end();
  });

  test('a new generation that never catches up fails no read and holds none for longer than the limit', async () => {
    const { stage, early } = await switchHeldUp();
    stage.shown.set('g1', 9n);
    early.end();
    const held = slowRead(stage.pointer);
    await stage.pass(maxHoldMs + 20);
    expect(held.state.began).toBe('g1');
    held.end();
    await stage.pass(0);
    expect(held.state.answer).toBe('g1');
    expect(await stage.pointer.read((generation) => Promise.resolve(generation))).toMatchObject({
      generation: 'g1',
    });
    expect(stage.switches).toHaveLength(1);
  });

  test('a read that does not end holds up neither a switch nor other reads', async () => {
    const stage = await serving('g1');
    const endless = slowRead(stage.pointer);
    stage.pointer.want('g2');
    await stage.pass(0);
    const next = slowRead(stage.pointer);
    await stage.pass(0);
    expect([next.state.began, stage.pointer.generation]).toEqual(['g2', 'g2']);
    next.end();
    endless.end();
  });

  test.each(['g1', 'g2'])(
    'a store that does not answer about %s while reads are held holds them no longer than the limit',
    async (silent) => {
      const stage = await serving('g1');
      stage.silent = silent;
      stage.pointer.want('g2');
      await stage.pass(0);
      const held = slowRead(stage.pointer);
      await stage.pass(maxHoldMs + 20);
      expect(held.state.began).toBe('g1');
      held.end();
    },
  );

  test('what a switch will ask with reads held was asked before, and troubles nobody when it fails', async () => {
    const stage = new Stage();
    stage.shown.set('g1', new Error('away'));
    stage.pointer.want('g1');
    await stage.pass(0);
    expect([stage.pointer.generation, stage.asked, stage.troubles]).toEqual(['g1', 1, []]);
  });

  test('what builders made visible already is enough: nothing is made visible again, which takes a store time', async () => {
    const stage = await serving('g1');
    stage.shown.set('g1', 9n).set('g2', 9n);
    stage.pointer.want('g2');
    await stage.pass(0);
    expect([stage.pointer.generation, stage.settled]).toEqual(['g2', 0]);
  });

  test('a store that fails is told of and asked again, and reads go on', async () => {
    const stage = await serving('g1');
    stage.shown.set('g2', new Error('away'));
    stage.pointer.want('g2');
    await stage.pass(250);
    expect(stage.troubles.length).toBeGreaterThan(1);
    expect(await stage.pointer.read((generation) => Promise.resolve(generation))).toMatchObject({
      generation: 'g1',
    });
    stage.shown.set('g2', 0n);
    await stage.pass(250);
    expect(stage.pointer.generation).toBe('g2');
  });

  test('a generation that was dropped while we were away is left as soon as the new one shows all it can have shown', async () => {
    const stage = await serving('g1');
    stage.gone.add('g1');
    stage.end = 7n;
    stage.shown.set('g2', 6n);
    stage.pointer.want('g2');
    await stage.pass(500);
    expect(stage.pointer.generation).toBe('g1');
    stage.shown.set('g2', 7n);
    await stage.pass(maxHoldMs);
    expect(stage.pointer.generation).toBe('g2');
  });

  test('a read on a generation that was dropped waits for the one that is served next', async () => {
    const stage = await serving('g1');
    stage.gone.add('g1');
    const read = stage.pointer.read((generation) =>
      stage.gone.has(generation) ? Promise.reject(gone) : Promise.resolve('found'),
    );
    await stage.pass(500);
    stage.pointer.want('g2');
    await stage.pass(500);
    expect(await read).toEqual({ generation: 'g2', result: 'found' });
  });

  test('a read on a generation that is gone fails when no other is served in time', async () => {
    const stage = await serving('g1');
    const failed = expect(stage.pointer.read(() => Promise.reject(gone))).rejects.toBe(gone);
    await stage.pass(maxGoneMs + 100);
    await failed;
  });

  test('nobody goes over to a generation that is gone', async () => {
    const stage = await serving('g1');
    stage.gone.add('g2');
    stage.pointer.want('g2');
    await stage.pass(5_000);
    expect(stage.pointer.generation).toBe('g1');
  });

  test('a rollback before the new generation caught up goes to the one wanted last', async () => {
    const stage = await serving('g1');
    stage.shown.set('g1', 5n).set('g3', 5n);
    stage.pointer.want('g2');
    await stage.pass(50);
    stage.pointer.want('g3');
    await stage.pass(50);
    expect(stage.switches.map(({ to }) => to)).toEqual(['g1', 'g3']);
  });

  test('a wish that comes at the very moment a switch ends is not lost', async () => {
    for (let callbacks = 0; callbacks < 12; callbacks += 1) {
      const stage = new Stage();
      stage.pointer.want('g1');
      for (let passed = 0; passed < callbacks; passed += 1) await Promise.resolve();
      stage.pointer.want('g2');
      await stage.pass(50);
      expect(stage.pointer.generation).toBe('g2');
    }
  });

  test('a query that fails fails its own read only, and a switch does not wait for it for ever', async () => {
    const stage = await serving('g1');
    await expect(stage.pointer.read(() => Promise.reject(new Error('bad query')))).rejects.toThrow(
      'bad query',
    );
    stage.pointer.want('g2');
    await stage.pass(20);
    expect(stage.pointer.generation).toBe('g2');
  });

  test('stopping lets held reads go on', async () => {
    const { stage, early } = await switchHeldUp();
    const held = slowRead(stage.pointer);
    stage.pointer.stop();
    await stage.pass(0);
    expect(held.state.began).toBe('g1');
    early.end();
    held.end();
  });
});
