import { Agent, get } from 'node:http';

/** One question as its reader saw it. Times are of this process's clock. */
export interface Reading {
  readonly askedMs: number;
  readonly answeredMs: number;
  /** Undefined: the read failed. */
  readonly generation: string | undefined;
}

const tickMs = 2;

/**
 * Asks at a fixed rate, whether or not the answers before have come: a service that holds its readers back is asked on,
 * so that the wait of those who come meanwhile is counted too.
 */
export class SteadyReaders {
  readonly readings: Reading[] = [];
  private readonly startedMs = performance.now();
  private readonly underWay = new Set<Promise<void>>();
  /** Where asking takes little of the processor, more is left for what is measured: `fetch` takes several times as much. */
  private readonly agent = new Agent({ keepAlive: true });
  private asked = 0;
  private readonly asking: NodeJS.Timeout;

  constructor(
    private readonly urls: readonly string[],
    private readonly perSecond: number,
  ) {
    this.asking = setInterval(() => {
      this.askWhatIsDue();
    }, tickMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.asking);
    await Promise.all(this.underWay);
    this.agent.destroy();
  }

  /** Of the questions asked from `fromMs` to `toMs`. */
  between(fromMs: number, toMs: number): Reading[] {
    return this.readings.filter(({ askedMs }) => askedMs >= fromMs && askedMs <= toMs);
  }

  private askWhatIsDue(): void {
    const due = Math.floor(((performance.now() - this.startedMs) * this.perSecond) / 1_000);
    for (; this.asked < due; this.asked += 1) {
      const asking = this.ask(this.urls[this.asked % this.urls.length] ?? '').finally(() =>
        this.underWay.delete(asking),
      );
      this.underWay.add(asking);
    }
  }

  private async ask(url: string): Promise<void> {
    const askedMs = performance.now();
    const generation = await generationOf(url, this.agent);
    this.readings.push({ askedMs, answeredMs: performance.now(), generation });
  }
}

function generationOf(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (): void => {
      resolve(undefined);
    };
    get(url, { agent }, (response) => {
      const { statusCode, headers } = response;
      const generation = statusCode === 200 ? headers['reprise-generation'] : undefined;
      response.on('error', failed).on('end', () => {
        resolve(typeof generation === 'string' ? generation : undefined);
      });
      response.resume();
    }).on('error', failed);
  });
}
