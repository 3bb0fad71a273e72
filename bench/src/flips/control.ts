import { setTimeout as pause } from 'node:timers/promises';

export interface KnownGeneration {
  readonly number: number;
  readonly name: string;
}

/** What the measurement asks of the control plane, as any operator could. */
export class Control {
  constructor(private readonly address: string) {}

  async live(view: string): Promise<KnownGeneration> {
    return generation(member(await this.call('GET', `/views/${view}`), 'live'));
  }

  async rebuild(view: string): Promise<KnownGeneration> {
    return generation(await this.call('POST', `/views/${view}/rebuilds`));
  }

  /** Resolves when the generation is ready. @throws Error when it failed. */
  async ready(view: string, number: number): Promise<void> {
    for (;;) {
      const built = await this.call('GET', `/views/${view}/generations/${number}`);
      const status = member(built, 'status');
      if (status === 'ready') return;
      if (status === 'failed') throw new Error(`generation ${number} of ${view}: ${text(built, 'reason')}`);
      await pause(50);
    }
  }

  async flip(view: string, number: number): Promise<void> {
    await this.call('POST', `/views/${view}/generations/${number}/flip`);
  }

  async rollBack(view: string): Promise<void> {
    await this.call('POST', `/views/${view}/rollback`);
  }

  async retire(view: string, number: number): Promise<void> {
    await this.call('POST', `/views/${view}/generations/${number}/retire`);
  }

  private async call(method: 'GET' | 'POST', path: string): Promise<unknown> {
    const content = { body: '{}', headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${this.address}${path}`, {
      method,
      ...(method === 'POST' ? content : {}),
    });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${text(body, 'detail')}`);
    return body;
  }
}

/** @throws Error when it is none. */
function generation(body: unknown): KnownGeneration {
  const number = member(body, 'number');
  if (typeof number !== 'number') throw new Error(`not a generation: ${JSON.stringify(body)}`);
  return { number, name: text(body, 'name') };
}

function text(body: unknown, name: string): string {
  return String(member(body, name));
}

function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}
