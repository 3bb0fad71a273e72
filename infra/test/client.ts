import { servicePorts } from '@reprise/infra';

/** An answer of the platform's: its status, its generation, its JSON. */
export interface Answer {
  readonly status: number;
  readonly generation: string | null;
  readonly body: unknown;
}

/** Calls the services of one platform over REST, as any client would. */
export class Client {
  constructor(private readonly portBase: number) {}

  commands(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(servicePorts.flightCommands, { method, path, body });
  }

  control(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(servicePorts.controlPlane, { method, path, body });
  }

  board(airport: string, query: Record<string, string>): Promise<Answer> {
    return this.get(servicePorts.departureBoard, `/airports/${airport}/departures`, query);
  }

  search(query: Record<string, string>): Promise<Answer> {
    return this.get(servicePorts.flightSearch, '/flights', query);
  }

  punctuality(origin: string, destination: string, query: Record<string, string> = {}): Promise<Answer> {
    return this.get(servicePorts.routePunctuality, `/routes/${origin}/${destination}/punctuality`, query);
  }

  timeline(flightId: string): Promise<Answer> {
    return this.get(servicePorts.flightTimeline, `/flights/${flightId}/timeline`, {});
  }

  routes(query: Record<string, string>): Promise<Answer> {
    return this.get(servicePorts.routePunctuality, '/routes', query);
  }

  url(offset: number): string {
    return `http://127.0.0.1:${this.portBase + offset}`;
  }

  get(offset: number, path: string, query: Record<string, string> = {}): Promise<Answer> {
    return this.call(offset, { method: 'GET', path: `${path}?${new URLSearchParams(query).toString()}` });
  }

  private async call(
    offset: number,
    { method, path, body }: { method: string; path: string; body?: unknown },
  ): Promise<Answer> {
    const response = await fetch(`${this.url(offset)}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return {
      status: response.status,
      generation: response.headers.get('reprise-generation'),
      body: text === '' ? null : JSON.parse(text),
    };
  }
}

/** A member of a JSON object; undefined when there is none. */
export function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}

export function list(body: unknown, name: string): readonly unknown[] {
  const value = member(body, name);
  return Array.isArray(value) ? value : [];
}
