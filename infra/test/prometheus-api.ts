import { z } from 'zod';

const targets = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ health: z.string(), labels: z.object({ service: z.string() }) })),
  }),
});
const rules = z.object({
  data: z.object({
    groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
  }),
});

/** What a Prometheus says of itself. */
export class PrometheusApi {
  constructor(private readonly url: string) {}

  /** The services whose metrics it has read at its last try. */
  async scraped(): Promise<string[]> {
    const { activeTargets } = targets.parse(await this.get('targets')).data;
    return activeTargets.flatMap(({ health, labels }) => (health === 'up' ? labels.service : [])).toSorted();
  }

  /** The alerts that it has evaluated without an error. */
  async alerts(): Promise<string[]> {
    const { groups } = rules.parse(await this.get('rules')).data;
    const all = groups.flatMap((group) => group.rules);
    return all.flatMap(({ name, health }) => (health === 'ok' ? name : [])).toSorted();
  }

  private async get(path: string): Promise<unknown> {
    return (await fetch(`${this.url}/api/v1/${path}`)).json();
  }
}
