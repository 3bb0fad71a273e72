import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isFree, requireFreePorts } from './ports.js';

describe('ports before a start', () => {
  let server: Server | undefined;

  /** Listens on a port that the system chose. */
  function occupy(): Promise<number> {
    const made = createServer();
    server = made;
    return new Promise((resolve) => {
      made.listen(0, '127.0.0.1', () => {
        const address = made.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  }

  afterEach(async () => {
    server?.close();
    if (server) await once(server, 'close');
    server = undefined;
  });

  test('one that is taken is refused by its number, with the way out', async () => {
    const port = await occupy();
    expect(await isFree(port)).toBe(false);
    await expect(requireFreePorts(port - 1, [1])).rejects.toThrow(
      new RegExp(`^Port ${port} is taken.*--port-base`),
    );
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('where the system tells, the process that holds it is named', async () => {
    const port = await occupy();
    await expect(requireFreePorts(port, [0])).rejects.toThrow(`by process ${process.pid} (`);
  });
});
