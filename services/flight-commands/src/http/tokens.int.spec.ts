import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DoorKeeper } from '@reprise/service';
import { Issuer } from '@reprise/testing';
import { Served } from '../../test/served.js';
import { entityTypes } from '../entity-types.js';

let issuer: Issuer;
let served: Served;

beforeAll(async () => {
  issuer = await Issuer.open();
  served = await Served.open({ settings: issuer.settings, publishWaitMs: 50 });
});

afterAll(async () => {
  await served.close();
  await issuer.stop();
});

async function as(subject: string, scope = 'airline:write flight:write'): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await issuer.token({ subject, scope })}` };
}

describe('every route', () => {
  test('has a door: who brings nothing is let in nowhere', async () => {
    const doors = served.app.get(DoorKeeper).doors.filter(({ access }) => access?.kind !== 'open');
    expect(doors.length).toBeGreaterThan(15);
    for (const { method, path, access } of doors) {
      expect({ path, access }).toEqual({ path, access: expect.anything() });
      const url = path.replaceAll(/:\w+/g, 'x');
      const answer = await fetch(`${served.url}${url}`, { method });
      expect({ path, status: answer.status }).toEqual({ path, status: 401 });
    }
  });

  test('of a kind of entity needs its scope, without a line of its own', () => {
    const doors = served.app.get(DoorKeeper).doors;
    const scopes = new Set(doors.flatMap(({ access }) => (access?.kind === 'scope' ? access.scope : [])));
    expect([...scopes].toSorted()).toEqual(
      [...entityTypes.map(({ entity }) => `${entity.contract.name}:write`), 'operator:read'].toSorted(),
    );
  });
});

describe('a command', () => {
  test('needs the scope of its kind of entity, and no other', async () => {
    const body = { name: 'Scoped Air' };
    expect(await served.send('PUT /airlines/S1', body, await as('ann', 'airline:write'))).toMatchObject({
      status: 202,
    });
    expect(await served.send('PUT /airlines/S2', body, await as('ann', 'airport:write'))).toMatchObject({
      status: 403,
      body: { code: 'scope-missing', scope: 'airline:write' },
    });
    expect(
      await served.send('DELETE /airlines/S1', undefined, await as('ann', 'flight:write')),
    ).toMatchObject({
      status: 403,
    });
    expect(await served.send('GET /outbox', undefined, await as('ann'))).toMatchObject({ status: 403 });
    expect(await served.send('GET /outbox', undefined, await as('ops', 'operator:read'))).toMatchObject({
      status: 200,
    });
  });

  test('in a batch as well: a line that may not be given spoils no other', async () => {
    const lines = [
      '{"id":"1","type":"PutAirline","key":"S3","name":"Batch Air"}',
      '{"id":"2","type":"PutAirport","key":"JFK","name":"Kennedy"}',
      '{"type":"PutAirline","key":"S4","name":"Batch Wings"}',
    ].join('\n');
    const { outcomes } = await served.sendLines(lines, await as('ann', 'airline:write'));
    expect(outcomes).toMatchObject([
      { line: 1, outcome: 'accepted', key: 'S3' },
      { line: 2, id: '2', outcome: 'invalid', key: 'JFK', problem: { status: 403, code: 'scope-missing' } },
      { line: 3, outcome: 'accepted', key: 'S4' },
    ]);
  });

  test('is told by the subject of its token', async () => {
    const answer = await served.send('PUT /airlines/S5', { name: 'Told Air' }, await as('user|42'));
    const operation = answer.headers.get('location') as `/operations/${string}`;
    expect(await served.send(`GET ${operation}`, undefined, await as('user|42', ''))).toMatchObject({
      status: 200,
      body: { actor: 'user|42' },
    });
  });
});

describe('what somebody did is nobody else’s', () => {
  test('an operation of another is not there', async () => {
    const answer = await served.send('PUT /airlines/S6', { name: 'Own Air' }, await as('ann'));
    const operation = answer.headers.get('location') as `/operations/${string}`;
    expect(await served.send(`GET ${operation}`, undefined, await as('ann'))).toMatchObject({ status: 200 });
    const unknown = await served.send(
      'GET /operations/00000000-0000-4000-8000-000000000000',
      undefined,
      await as('bob'),
    );
    const other = await served.send(`GET ${operation}`, undefined, await as('bob'));
    expect(other).toMatchObject({ status: 404, body: { code: 'operation-unknown' } });
    expect(other.body).toEqual(unknown.body);
  });

  test('the same idempotency key of another is another key', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await served.send(
      'PUT /airlines/S7',
      { name: 'Key Air' },
      { ...key, ...(await as('ann')) },
    );
    expect(first).toMatchObject({ status: 202, body: { version: 1, repeated: false } });
    const again = await served.send(
      'PUT /airlines/S7',
      { name: 'Key Air' },
      { ...key, ...(await as('ann')) },
    );
    expect(again).toMatchObject({ status: 202, body: { version: 1, repeated: true } });
    const other = await served.send(
      'PUT /airlines/S8',
      { name: 'Other Key Air' },
      { ...key, ...(await as('bob')) },
    );
    expect(other).toMatchObject({ status: 202, body: { version: 1, repeated: false } });
    const reused = await served.send(
      'PUT /airlines/S9',
      { name: 'Third Air' },
      { ...key, ...(await as('ann')) },
    );
    expect(reused).toMatchObject({ status: 422, body: { code: 'command-id-reused' } });
  });

  test('nor can a subject be made up that has the keys of another', async () => {
    const put = async (subject: string, key: string, carrier: string) =>
      served.send(
        `PUT /airlines/${carrier}`,
        { name: `Air ${carrier}` },
        { 'idempotency-key': key, ...(await as(subject)) },
      );
    expect(await put('ann a', 'b', 'T1')).toMatchObject({ body: { repeated: false } });
    expect(await put('ann', 'a', 'T2')).toMatchObject({ body: { repeated: false } });
    expect(await put('ann a b', 'b', 'T3')).toMatchObject({ body: { repeated: false } });
  });

  test('ids in batches are somebody’s own too', async () => {
    const line = '{"id":"x","type":"PutAirline","key":"T4","name":"Line Air"}\n';
    expect((await served.sendLines(line, await as('ann'))).outcomes).toMatchObject([{ outcome: 'accepted' }]);
    expect((await served.sendLines(line, await as('ann'))).outcomes).toMatchObject([{ repeated: true }]);
    expect((await served.sendLines(line, await as('bob'))).outcomes).toMatchObject([
      { outcome: 'unchanged' },
    ]);
  });
});
