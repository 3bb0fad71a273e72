import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import {
  CliError,
  ControlPlaneClient,
  UnreachableError,
  type ControlPlaneClientOptions,
} from './control-plane-client.js';

let server: Server | undefined;

afterEach(async () => {
  const started = server;
  server = undefined;
  if (started) await new Promise((resolve) => started.close(resolve));
});

/** Something at the control plane's address that gives this answer, and notes the requests. */
async function answering(
  status: number,
  body: string,
  token: Pick<ControlPlaneClientOptions, 'token' | 'tokenFile'> = {},
) {
  const requests: string[] = [];
  const tokens: (string | undefined)[] = [];
  const started = createServer((request, response) => {
    requests.push(
      `${request.method ?? ''} ${request.url ?? ''} ${String(request.headers['x-reprise-actor'])}`,
    );
    tokens.push(request.headers.authorization);
    response.writeHead(status).end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const controlUrl = `http://127.0.0.1:${address.port}/behind/a/path`;
  return { client: new ControlPlaneClient({ controlUrl, actor: 'ann', ...token }), requests, tokens };
}

test('asks at the address given, in the name of whoever asks', async () => {
  const { client, requests } = await answering(200, '{"views":[]}');
  await expect(client.views()).resolves.toEqual({ views: [] });
  expect(requests).toEqual(['GET /behind/a/path/views ann']);
});

test('a refusal is told by its detail', async () => {
  const { client } = await answering(409, '{"code":"generation-live","detail":"Generation 1 is live."}');
  await expect(client.order('flight-search', 1, 'retire')).rejects.toThrow(
    new CliError('Generation 1 is live.'),
  );
});

test('an answer of something else is no answer', async () => {
  const { client } = await answering(200, '<html>');
  await expect(client.views()).rejects.toThrow(UnreachableError);
});

test('a control plane that is away is told with its address and the cause', async () => {
  const { client } = await answering(200, '{}');
  const gone = server;
  server = undefined;
  await new Promise((resolve) => gone?.close(resolve));
  await expect(client.views()).rejects.toThrow(
    /^The control plane at http:\S+ cannot be reached: connect ECONNREFUSED/,
  );
});

test('an access token goes along, and a token file is read anew for every request', async () => {
  const tokenFile = join(mkdtempSync(join(tmpdir(), 'reprise-token-')), 'token');
  writeFileSync(tokenFile, 'aaa.bbb.ccc\n');
  const { client, tokens } = await answering(200, '{"views":[]}', { token: 'unused', tokenFile });
  await client.views();
  writeFileSync(tokenFile, 'ddd.eee.fff\n');
  await client.views();
  expect(tokens).toEqual(['Bearer aaa.bbb.ccc', 'Bearer ddd.eee.fff']);
});

test.each(['two words', 'a\nb', ''])('what is no token is not sent, and not told: %j', async (token) => {
  const { client, requests } = await answering(200, '{"views":[]}', { token });
  await expect(client.views()).rejects.toThrow('The token is none: it must be one word');
  expect(requests).toEqual([]);
});

test('a token file that is not there is told by its name', async () => {
  const { client } = await answering(200, '{"views":[]}', { tokenFile: '/nowhere/token' });
  await expect(client.views()).rejects.toThrow(new CliError('The token file /nowhere/token cannot be read.'));
});
