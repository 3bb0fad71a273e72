import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ViewGenerations } from '@reprise/contracts';
import { ControlPlaneSetting } from '../test/control-plane-setting.js';
import type { DyingPlane } from '../test/dying-plane.js';
import { checked, has, searchViewOn, until, view, type SearchView } from '../test/search-view.js';
import type { ControlPlane } from './control-plane.js';
import type { FlipGeneration, FlipStanding, GenerationsCommand } from './generations/commands.js';

jest.setTimeout(60_000);

const operator = { correlationId: 'c', causationId: 'c', actor: 'ann' };
const standing = (replaces: number): FlipStanding => ({ replaces, shown: new Map(), applied: new Map() });
const about = { requestedBy: 'ann', atMs: 1 };

interface Act {
  readonly name: string;
  /** What is live before: the other one is ready, or on standby. */
  readonly live: 1 | 2;
  readonly command: GenerationsCommand;
  readonly after: object;
}

const flip: FlipGeneration = {
  type: 'FlipGeneration',
  number: 2,
  standing: standing(1),
  openLetters: 0,
  differing: undefined,
  force: false,
  note: null,
  ...about,
};

const acts: readonly Act[] = [
  {
    name: 'flip that is announced',
    live: 1,
    command: { type: 'AnnounceFlip', of: flip },
    after: {
      live: 1,
      flipAnnounced: { number: 2, at: 1 },
      generations: [{ status: 'live' }, { status: 'ready' }],
    },
  },
  {
    name: 'flip',
    live: 1,
    command: flip,
    after: { live: 2, previous: 1, generations: [{ status: 'standby' }, { status: 'live' }] },
  },
  {
    name: 'rollback',
    live: 2,
    command: { type: 'RollBack', number: 1, from: null, standing: standing(2), ...about },
    after: { live: 1, previous: null, generations: [{ status: 'live' }, { status: 'standby' }] },
  },
  {
    name: 'retire',
    live: 2,
    command: { type: 'RetireGeneration', number: 1, reason: 'retired by ann', atMs: 1 },
    after: { live: 2, previous: null, generations: [{ status: 'retired' }, { status: 'live' }] },
  },
];

let setting: ControlPlaneSetting;
let search: SearchView;

beforeEach(async () => {
  setting = await ControlPlaneSetting.open();
  search = searchViewOn(setting);
});

afterEach(async () => {
  await setting.close();
  expect(setting.fatal).toEqual([]);
});

/** Two generations that hold the same, of which this one is live. */
async function twoGenerations(plane: ControlPlane, live: 1 | 2): Promise<ViewGenerations> {
  const all = await search.firstLive(plane);
  await plane.operations.rebuild(view, { autoFlip: false }, operator);
  await search.report({ 1: search.at(all), 2: checked(search.at(all)) });
  const built = await until(plane, has(2, 'ready'));
  if (live === 1) return built;
  await plane.operations.flip(view, { number: 2 }, operator);
  return until(plane, has(2, 'live'));
}

/** The state, as soon as who follows the stream has heard of what is stored. */
async function told(plane: ControlPlane): Promise<unknown> {
  for (;;) {
    const stored = await plane.store.read(view);
    if (isDeepStrictEqual(plain(plane.views.view(view)), plain(stored))) return stored;
    await plane.reports.changed(50);
  }
}

/** Without the class that a decoder gave it. */
function plain(state: unknown): unknown {
  return state === undefined ? undefined : JSON.parse(JSON.stringify(state));
}

/** A control plane dies as soon as the command is stored. */
async function diesWithCommandStored({ live, command }: Act): Promise<DyingPlane> {
  const plane = await setting.startPlane();
  await twoGenerations(plane, live);
  await setting.stopPlane(plane);
  const dying = await setting.dyingPlane();
  await dying.ask(view, command);
  return dying;
}

describe.each(acts)('a control plane that dies during a $name', (act) => {
  test('after the command was stored, before it was relayed: the next one relays it', async () => {
    const dying = await diesWithCommandStored(act);
    expect(await dying.outbox()).not.toEqual([]);
    const next = await setting.startPlane();
    expect(await told(next)).toMatchObject(act.after);
  });

  test('after it was relayed, before the outbox forgot it: told twice, it is done once', async () => {
    const dying = await diesWithCommandStored(act);
    const rows = await dying.outbox();
    const relaying = await setting.startPlane();
    expect(await told(relaying)).toMatchObject(act.after);
    while ((await dying.outbox()).length > 0) await relaying.reports.changed(50);
    await setting.stopPlane(relaying);
    await dying.putBack(rows);
    const next = await setting.startPlane();
    while ((await dying.outbox()).length > 0) await next.reports.changed(50);
    expect(await told(next)).toMatchObject(act.after);
  });

  test('after it was done, before anyone was answered: asking again finds it done', async () => {
    const dying = await diesWithCommandStored(act);
    const next = await setting.startPlane();
    expect(await told(next)).toMatchObject(act.after);
    const before = await next.store.read(view);
    const again = await dying.ask(view, act.command);
    // A rollback that was made is not made again: the asker is told so.
    if (act.name === 'rollback') expect(again).toMatchObject({ code: 'already-rolled-back' });
    else expect(again).toEqual(before);
    expect(await next.store.read(view)).toEqual(before);
  });
});

test('a flip that waits when the control plane dies leaves everything as it was, and can be asked for again', async () => {
  const plane = await setting.startPlane();
  await twoGenerations(plane, 1);
  const [first, second] = await setting.sourceEnds();
  await search.report({ 1: search.at([first + 5, second]), 2: search.at([first, second]) });
  while (plane.reports.of(view).applied.get(1)?.get(setting.partition(0)) !== BigInt(first + 5))
    await plane.reports.changed(50);
  const waiting = plane.operations.flip(view, { number: 2 }, operator);
  await plane.reports.changed(200);
  await setting.stopPlane(plane);
  await waiting.catch(() => undefined);
  const next = await setting.startPlane();
  expect(await next.store.read(view)).toMatchObject({ live: 1, flips: [{ to: 1 }] });
  await search.report({ 1: search.at([first + 5, second]), 2: search.at([first + 5, second]) });
  expect(await next.operations.flip(view, { number: 2 }, operator)).toMatchObject({ live: 2 });
});

test('a generation that was dropped while no control plane ran is noted by the next one', async () => {
  const dying = await diesWithCommandStored({
    name: 'retire',
    live: 2,
    command: { type: 'RetireGeneration', number: 1, reason: 'retired by ann', atMs: 1 },
    after: {},
  });
  expect(await dying.outbox()).toHaveLength(1);
  const all = await setting.sourceEnds();
  await search.report({ 1: { dropped: true }, 2: search.at(all) });
  const next = await setting.startPlane();
  await until(next, ({ generations }) => generations[0]?.dropped === true);
});
