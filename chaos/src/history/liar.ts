import { createServer, type IncomingMessage, type Server } from 'node:http';

/** An answer as it goes over the network. */
export interface Told {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Question {
  readonly method: string;
  readonly path: string;
  /** Passes it on to the service. */
  readonly ask: () => Promise<Told>;
}

/** What is answered in the service's place. */
export type Lie = (question: Question) => Promise<Told>;

/** Stands before a service, and answers otherwise than it does: to see that the check of a history finds what is wrong. */
export class Liar {
  private constructor(private readonly server: Server) {}

  /** @param target Base address of the service. */
  static async open(target: string, lie: Lie): Promise<Liar> {
    const server = createServer((request, response) => {
      const { method = 'GET', url: path = '/' } = request;
      const body = bodyOf(request);
      const ask = async (): Promise<Told> => pass(target, { request, body: await body });
      lie({ method, path, ask }).then(
        (told) => {
          response.writeHead(told.status, Object.fromEntries(told.headers)).end(told.body);
        },
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return new Liar(server);
  }

  get url(): string {
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new RangeError('the liar is gone');
    return `http://127.0.0.1:${bound.port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

export const truth: Lie = ({ ask }) => ask();

/** Acknowledges every so many writes without passing them on: as a service would that lost its database’s commit. */
export function losesWrites(every: number): Lie {
  let writes = 0;
  let last: Told | undefined;
  return async ({ method, ask }) => {
    if (method !== 'POST') return ask();
    writes += 1;
    if (last && writes % every === 0) return withVersion(last, 1);
    const told = await ask();
    if (told.status < 202 && told.headers.has('etag')) last = told;
    return told;
  };
}

/** Tells the version of what it wrote one too high. */
export const countsAhead: Lie = async ({ method, ask }) => {
  const told = await ask();
  return method === 'POST' && told.status < 202 ? withVersion(told, 1) : told;
};

/** Answers each question as it did the first time, and says that it shows as much as is asked for: as a replica that stands still. */
export function standsStill(): Lie {
  const first = new Map<string, Told>();
  return async ({ path, ask }) => {
    const told = await ask();
    if (told.status !== 200) return told;
    const before = first.get(path) ?? told;
    first.set(path, before);
    return { ...told, body: before.body };
  };
}

function withVersion(told: Told, by: number): Told {
  const etag = /^"(\d+)"$/.exec(told.headers.get('etag') ?? '')?.[1];
  return { ...told, headers: new Map([...told.headers, ['etag', `"${Number(etag ?? 0) + by}"`]]) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString();
}

/** Of the connection, not of the message. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']);

async function pass(
  target: string,
  { request, body }: { request: IncomingMessage; body: string },
): Promise<Told> {
  const { method = 'GET', url = '/', headers } = request;
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && !ofConnection.has(name) ? [[name, value]] : [],
  );
  const answer = await fetch(new URL(url, target), { method, headers: kept, ...(body !== '' && { body }) });
  const told = [...answer.headers].filter(([name]) => !ofConnection.has(name) && name !== 'content-encoding');
  return { status: answer.status, headers: new Map(told), body: await answer.text() };
}
