import { readFileSync } from 'node:fs';
import { request as forward } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Certificates } from '@reprise/testing';

/** The local engines have no TLS of their own: it ends before them, as behind a load balancer. */
export class TlsGate {
  readonly seen: (string | undefined)[] = [];
  private server: Server | undefined;

  constructor(
    private readonly certificates: Certificates,
    private readonly behind: URL,
    private readonly admits: (authorization: string | undefined) => boolean,
  ) {}

  async open(): Promise<string> {
    const server = createServer(
      { cert: readFileSync(this.certificates.cert), key: readFileSync(this.certificates.key) },
      (request, response) => {
        this.seen.push(request.headers.authorization);
        if (!this.admits(request.headers.authorization)) {
          response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
          return;
        }
        const { method = 'GET', url = '/', headers } = request;
        const target = new URL(url, this.behind);
        const passed = forward(
          target,
          // A connection for each: one that is kept may be closed by the engine in the moment in which it is used again.
          { method, headers: { ...headers, host: this.behind.host }, agent: false },
          (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
          },
        );
        passed.on('error', () => response.destroy());
        request.pipe(passed);
      },
    );
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    return `https://localhost:${address.port}`;
  }

  async close(): Promise<void> {
    const { server } = this;
    server?.closeAllConnections();
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}
