import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, createLogger, Health } from '@reprise/service';
import { ControlPlaneSetting } from '../../test/control-plane-setting.js';
import { has, searchViewOn, until, view } from '../../test/search-view.js';
import { ControlPlaneModule } from '../module.js';

jest.setTimeout(60_000);

let setting: ControlPlaneSetting;
let app: NestFastifyApplication | undefined;

beforeEach(async () => {
  setting = await ControlPlaneSetting.open();
});

afterEach(async () => {
  await app?.close();
  await setting.close();
  expect(setting.fatal).toEqual([]);
});

test('a generation is held back, verified and cancelled over REST, and the flips can be read', async () => {
  const plane = await setting.startPlane();
  app = await createApp({
    name: 'control-plane',
    description: '',
    settings: {},
    module: ControlPlaneModule.with(plane),
    logger: createLogger('control-plane-test', 'silent'),
    health: new Health(),
  });
  await app.init();
  const door = app;
  const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, payload: object = {}) => {
    const body = method === 'GET' ? {} : { payload };
    const headers = { 'x-reprise-actor': 'ann' };
    const answer = await door.inject({ method, url: `/views/${view}/${path}`, headers, ...body });
    return answer.json<unknown>();
  };
  const search = searchViewOn(setting);
  const all = await search.firstLive(plane);
  await ask('POST', 'rebuilds', { definitionVersion: 1 });
  expect(await ask('POST', 'generations/2/pause')).toMatchObject({ paused: true, status: 'building' });
  expect(await ask('GET', 'generations/2')).toMatchObject({ expiresAt: expect.any(Number) });
  expect(await ask('POST', 'generations/2/resume')).toMatchObject({ paused: false });
  expect(await ask('PUT', 'generations/2/throttle', { maxRecordsPerSecond: 500 })).toMatchObject({
    maxRecordsPerSecond: 500,
  });
  expect(await ask('POST', 'generations/2/cancel')).toMatchObject({
    status: 'retired',
    reason: 'cancelled by ann',
  });
  expect(await ask('POST', 'generations/1/verifications', { repair: true })).toMatchObject({
    verification: { id: 2, repair: true, requestedBy: 'ann', concludedAt: null, percent: 0 },
  });
  const running = { id: 2, phase: 'comparing', percent: 30, differences: 4 };
  await search.report({ 1: { ...search.at(all), verification: running } });
  while (plane.reports.of(view).builders[0]?.generations[0]?.verification?.id !== 2)
    await plane.reports.changed(50);
  expect(await ask('GET', 'generations/1')).toMatchObject({
    status: 'live',
    verification: { phase: 'comparing', percent: 30, differences: 4 },
  });
  expect(await ask('GET', 'flips')).toEqual({
    flips: [
      {
        ...{ kind: 'flip', from: null, to: 1, at: expect.any(Number), by: 'control-plane' },
        ...{ forced: false, note: null },
      },
    ],
  });
  await until(plane, has(1, 'live'));
});
