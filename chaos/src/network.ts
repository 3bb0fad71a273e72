import { createServer, connect, type Server, type Socket } from 'node:net';
import type { EngineConnections } from '@reprise/infra';
import type { Random } from './random.js';

/** The engines that are reached through links of ours. */
export type LinkName = 'kafka' | 'postgres' | 'redis' | 'elasticsearch';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** How a partition of the network ends: as if nothing had been, or with every connection broken. */
export type Healing = 'resume' | 'reset';

/**
 * Links between the services and the engines, which can be cut as a network is: nothing arrives any more, in either direction,
 * and nobody is told. States of a link: `whole` ⇄ `cut`.
 */
export class Network {
  private constructor(private readonly links: ReadonlyMap<LinkName, Link>) {}

  /** One link for each target. @param ports Where to listen; left out: any free port. */
  static async open(
    targets: Readonly<Partial<Record<LinkName, Address>>>,
    ports: Readonly<Partial<Record<LinkName, number>>> = {},
  ): Promise<Network> {
    const links = new Map<LinkName, Link>();
    for (const name of linkNames) {
      const target = targets[name];
      if (target) links.set(name, await Link.open(target, ports[name] ?? 0));
    }
    return new Network(links);
  }

  get names(): readonly LinkName[] {
    return [...this.links.keys()];
  }

  /** The connections as the services are to have them. */
  through(connections: EngineConnections): EngineConnections {
    return {
      ...connections,
      kafkaBrokers: connections.kafkaBrokers.map((broker) => this.link('kafka')?.address ?? broker),
      postgresUrl: this.moved('postgres', connections.postgresUrl),
      redisUrl: this.moved('redis', connections.redisUrl),
      elasticsearchUrl: this.moved('elasticsearch', connections.elasticsearchUrl),
    };
  }

  cut(name: LinkName): void {
    this.link(name)?.cut();
  }

  heal(name: LinkName, healing: Healing): void {
    this.link(name)?.heal(healing);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.links.values()].map((link) => link.stop()));
  }

  private link(name: LinkName): Link | undefined {
    return this.links.get(name);
  }

  private moved(name: LinkName, url: string): string {
    const link = this.link(name);
    return link ? url.replace(/^([a-z]+:\/\/(?:[^@/]*@)?)[^/]+/, `$1${link.address}`) : url;
  }
}

const linkNames: readonly LinkName[] = ['kafka', 'postgres', 'redis', 'elasticsearch'];

export function anyHealing(random: Random): Healing {
  return random.pick(['resume', 'reset'] as const);
}

/** The host and port of an address that begins with a scheme or not. */
export function addressOf(url: string): Address {
  const { hostname, port } = new URL(url.includes('://') ? url : `tcp://${url}`);
  return { host: hostname, port: Number(port) };
}

class Link {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private isCut = false;

  private constructor(
    private readonly server: Server,
    private readonly target: Address,
  ) {
    server.on('connection', (socket) => {
      this.connect(socket);
    });
  }

  static async open(target: Address, port: number): Promise<Link> {
    const server = createServer({ pauseOnConnect: true });
    const link = new Link(server, target);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return link;
  }

  get address(): string {
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new RangeError('the link is not open');
    return `127.0.0.1:${bound.port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const pair of this.pairs) stopTalking(pair);
  }

  heal(healing: Healing): void {
    this.isCut = false;
    for (const pair of [...this.pairs])
      if (healing === 'reset') this.end(pair);
      else talk(pair);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const pair of [...this.pairs]) this.end(pair);
    await closed;
  }

  private connect(client: Socket): void {
    const pair = [client, connect(this.target)] as const;
    this.pairs.add(pair);
    for (const socket of pair)
      socket
        .setNoDelay(true)
        .on('error', () => {
          this.end(pair);
        })
        .on('close', () => {
          // While nothing gets through, neither does the end of a connection.
          if (!this.isCut) this.end(pair);
        });
    if (!this.isCut) talk(pair);
  }

  private end(pair: readonly [Socket, Socket]): void {
    this.pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }
}

function talk([client, server]: readonly [Socket, Socket]): void {
  if (client.destroyed || server.destroyed) {
    client.destroy();
    server.destroy();
    return;
  }
  client.pipe(server);
  server.pipe(client);
}

function stopTalking([client, server]: readonly [Socket, Socket]): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.unpipe(to);
    from.pause();
  }
}
