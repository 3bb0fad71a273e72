import { createServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { countsAhead, Liar, losesWrites, standsStill, truth, type Lie } from './liar.js';

const opened: { stop(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

/** A service that counts what it is asked, and tells the count as its version and in its body. */
async function before(lie: Lie) {
  let count = 0;
  const service = createServer((request, response) => {
    count += 1;
    request.resume().on('end', () => {
      response.writeHead(200, { etag: `"${count}"`, 'reprise-position': `t/0:${count}` }).end(`${count}`);
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  opened.push({ stop: () => new Promise((resolve) => service.close(resolve)) });
  const address = service.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const liar = await Liar.open(`http://127.0.0.1:${address.port}`, lie);
  opened.unshift(liar);
  return async (method: 'GET' | 'POST', path = '/') => {
    const init = method === 'POST' ? { body: '{}' } : {};
    const answer = await fetch(`${liar.url}${path}`, { method, ...init, headers: { connection: 'close' } });
    const { headers } = answer;
    return [await answer.text(), headers.get('etag'), headers.get('reprise-position')];
  };
}

test('the truth goes through as it is', async () => {
  const ask = await before(truth);
  expect(await ask('POST')).toEqual(['1', '"1"', 't/0:1']);
  expect(await ask('GET')).toEqual(['2', '"2"', 't/0:2']);
});

test('a write that is lost is acknowledged all the same', async () => {
  const ask = await before(losesWrites(2));
  expect(await ask('POST')).toEqual(['1', '"1"', 't/0:1']);
  expect(await ask('POST')).toEqual(['1', '"2"', 't/0:1']);
  expect(await ask('POST')).toEqual(['2', '"2"', 't/0:2']);
});

test('versions are told one too high', async () => {
  const ask = await before(countsAhead);
  expect(await ask('POST')).toEqual(['1', '"2"', 't/0:1']);
});

test('a replica that stands still says that it has come on', async () => {
  const ask = await before(standsStill());
  expect(await ask('GET', '/a')).toEqual(['1', '"1"', 't/0:1']);
  expect(await ask('GET', '/b')).toEqual(['2', '"2"', 't/0:2']);
  expect(await ask('GET', '/a')).toEqual(['1', '"3"', 't/0:3']);
});
