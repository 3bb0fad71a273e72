import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { addressOf, Network } from './network.js';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A client that talks to an echo through a link. */
async function echo(): Promise<{ network: Network; client: Socket; heard: () => string }> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The type of an address of a server that listens on a port.
  const { port } = server.address() as AddressInfo;
  const network = await Network.open({ redis: { host: '127.0.0.1', port } });
  const connections = {
    kafkaBrokers: ['127.0.0.1:1'],
    registryUrl: 'http://127.0.0.1:2',
    postgresUrl: 'postgres://a:b@127.0.0.1:3/x',
    redisUrl: `redis://127.0.0.1:${port}`,
    elasticsearchUrl: 'http://127.0.0.1:4',
  };
  const through = network.through(connections);
  expect({ ...through, redisUrl: '' }).toEqual({ ...connections, redisUrl: '' });
  expect(through.redisUrl).not.toBe(connections.redisUrl);
  const client = connect(addressOf(through.redisUrl));
  let text = '';
  client.on('data', (data) => (text += data.toString()));
  client.on('error', () => undefined);
  await once(client, 'connect');
  open.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => network.stop(),
    () => Promise.resolve(client.destroy()),
  );
  return { network, client, heard: () => text };
}

test('what is said while a link is cut arrives when it is whole again', async () => {
  const { network, client, heard } = await echo();
  client.write('a');
  await once(client, 'data');
  network.cut('redis');
  client.write('b');
  await new Promise((resolve) => setImmediate(resolve));
  expect([heard(), client.destroyed]).toEqual(['a', false]);
  network.heal('redis', 'resume');
  await once(client, 'data');
  expect(heard()).toBe('ab');
});

test('or every connection is broken', async () => {
  const { network, client } = await echo();
  network.cut('redis');
  client.write('b');
  network.heal('redis', 'reset');
  await new Promise((resolve) => client.once('close', resolve));
});

test('a password, a scheme and a path stay what they are', async () => {
  const network = await Network.open({ postgres: { host: '127.0.0.1', port: 3 } });
  open.push(() => network.stop());
  const { postgresUrl } = network.through({
    kafkaBrokers: [],
    registryUrl: '',
    redisUrl: '',
    elasticsearchUrl: '',
    postgresUrl: 'postgres://a:b@127.0.0.1:3/x',
  });
  expect(postgresUrl).toMatch(/^postgres:\/\/a:b@127\.0\.0\.1:\d{4,}\/x$/);
});
