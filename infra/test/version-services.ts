import { list, member, type Answer, type Client } from './client.js';
import type { Question } from './readers.js';

/** The fields that tell the rows of one version from those of another. */
export interface RowShape {
  readonly has: readonly string[];
  readonly lacks: readonly string[];
}

/** The query service of one version of flight-search. */
export class VersionService {
  constructor(
    private readonly client: Client,
    readonly portOffset: number,
    readonly shape: RowShape,
  ) {}

  readonly ask = (): Promise<Answer> =>
    this.client.get(this.portOffset, '/flights', { origin: 'TST', sort: 'flightId', limit: '40' });

  /** The status of the door that a reverse proxy probes. */
  async door(): Promise<number> {
    return (await this.client.get(this.portOffset, '/health/live-version')).status;
  }

  async total(): Promise<number> {
    return total((await this.ask()).body);
  }

  /** To be asked again and again: only ever this generation answers, and only with rows of this version. */
  question(generation: string): Question {
    const fault = (body: unknown, named: string): string | undefined =>
      named === generation ? faultIn(body, this.shape) : `${named} answered instead of ${generation}`;
    return { ask: this.ask, count: total, fault };
  }
}

/**
 * Reads as through a reverse proxy in front of services of all versions: from one whose door says 200, which it stays with while
 * none does, as services hear of a flip one after another.
 */
export class Gateway {
  private chosen: VersionService | undefined;

  constructor(private readonly services: readonly VersionService[]) {}

  get portOffset(): number | undefined {
    return this.chosen?.portOffset;
  }

  question(): Question {
    let shape: RowShape = { has: [], lacks: [] };
    const ask = async (): Promise<Answer> => {
      const service = await this.choose();
      shape = service.shape;
      return service.ask();
    };
    // Each generation is fed by itself: what one has shown another may show a moment later, so nothing is counted.
    return { ask, count: () => 0, fault: (body) => faultIn(body, shape) };
  }

  private async choose(): Promise<VersionService> {
    for (const service of this.services) {
      // One that was stopped has no door.
      const status = await service.door().catch(() => undefined);
      if (status === 200) return (this.chosen = service);
    }
    if (!this.chosen) throw new Error('no service reads the live generation');
    return this.chosen;
  }
}

function total(body: unknown): number {
  return Number(member(body, 'total') ?? 0);
}

/** What is wrong with the rows of an answer of this version; undefined: nothing. */
export function faultIn(body: unknown, { has, lacks }: RowShape): string | undefined {
  const hits = list(body, 'hits');
  if (hits.length === 0) return 'no rows';
  const wrong = hits.find(
    (hit) =>
      has.some((field) => member(hit, field) === undefined) ||
      lacks.some((field) => member(hit, field) !== undefined),
  );
  return wrong === undefined ? undefined : `a row of another version: ${JSON.stringify(wrong)}`;
}
