import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What the gate does with one request: forward it, cut it off (with or without the server having seen it), hold it, or answer
 * for the server.
 */
export type Passage = 'open' | 'cut-before' | 'cut-after' | 'hold' | { readonly answer: object };

/** Of an answer: without them the client takes it for another product's. */
const serverHeaders = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };

/** Stands between a store and the server, so that a test can break off, or stop, the store at any request. */
export class Gate {
  /** Requests seen so far, as `METHOD /path`. */
  readonly seen: string[] = [];
  private readonly held: (() => void)[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly server: Server;

  constructor(
    private readonly target: URL,
    private readonly passage: (place: number) => Passage,
  ) {
    this.server = createServer((incoming, answer) => {
      this.take(incoming, answer);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Resolves once a request is being held. */
  async isHolding(): Promise<void> {
    if (this.held.length === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  release(): void {
    for (const go of this.held.splice(0)) go();
  }

  private take(incoming: IncomingMessage, answer: ServerResponse): void {
    const place = this.seen.push(`${incoming.method} ${incoming.url}`) - 1;
    const passage = this.passage(place);
    if (typeof passage === 'object') {
      incoming.resume();
      answer.writeHead(200, serverHeaders).end(JSON.stringify(passage.answer));
      return;
    }
    switch (passage) {
      case 'open':
        this.forward(incoming, answer);
        break;
      case 'cut-before':
        incoming.socket.destroy();
        break;
      case 'cut-after':
        this.forward(incoming, undefined);
        break;
      case 'hold':
        this.held.push(() => {
          this.forward(incoming, answer);
        });
        for (const resolve of this.waiting.splice(0)) resolve();
    }
  }

  private forward(incoming: IncomingMessage, answer: ServerResponse | undefined): void {
    const { hostname, port } = this.target;
    const { method, url: path, headers, socket } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (reply) => {
      if (answer) reply.pipe(answer.writeHead(reply.statusCode ?? 502, reply.headers));
      else reply.resume().on('end', () => socket.destroy());
    });
    onward.on('error', () => socket.destroy());
    incoming.pipe(onward);
  }
}
