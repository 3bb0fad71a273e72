import { z } from 'zod';

const generation = z.object({
  number: z.int(),
  name: z.string(),
  status: z.string(),
  startedAt: z.int(),
  statusSince: z.int(),
  reason: z.string().nullable(),
  dropped: z.boolean(),
  problems: z.array(z.string()),
});
export type GenerationAnswer = z.output<typeof generation>;

/** The control plane's REST API, as an operator's tools use it. */
export class ControlClient {
  constructor(private readonly url: string) {}

  async generations(view: string): Promise<GenerationAnswer[]> {
    const response = await fetch(`${this.url}/views/${view}/generations`);
    // Nobody has announced the view yet.
    if (response.status === 404) return [];
    return z.array(generation).parse(await bodyOf(response));
  }

  async generation(view: string, number: number): Promise<GenerationAnswer> {
    return generation.parse(await bodyOf(await fetch(`${this.url}/views/${view}/generations/${number}`)));
  }

  async rebuild(view: string): Promise<GenerationAnswer> {
    return generation.parse(await this.post(`/views/${view}/rebuilds`));
  }

  async retire(view: string, number: number): Promise<void> {
    await this.post(`/views/${view}/generations/${number}/retire`);
  }

  private async post(path: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return bodyOf(await fetch(`${this.url}${path}`, { method: 'POST', body: '{}', headers }));
  }
}

/** @throws Error with what was answered, when that is no success. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Error(`${response.url} answered ${response.status}: ${text}`);
}
