/** One line of what a process says at `/metrics`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one process said, once. */
export class Scrape {
  private constructor(
    readonly samples: readonly Sample[],
    /** Names of all metrics that are declared, of those without a value too. */
    readonly declared: ReadonlySet<string>,
  ) {}

  /** @throws Error when it does not answer in Prometheus' text format. */
  static async of(url: string): Promise<Scrape> {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    const type = response.headers.get('content-type') ?? '';
    if (response.status !== 200 || !type.startsWith('text/plain; version=0.0.4'))
      throw new Error(`${url}/metrics answered ${response.status} as ${type}`);
    return Scrape.parse(await response.text());
  }

  /** @throws Error for a line that is neither a comment nor a sample. */
  static parse(text: string): Scrape {
    const lines = text.split('\n').filter((line) => line !== '');
    const declared = lines.flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []);
    return new Scrape(lines.filter((line) => !line.startsWith('#')).map(sampleOf), new Set(declared));
  }

  /** The sum over all samples of this name that have these labels; undefined when there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
    return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
  }
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (
    name === undefined ||
    !(/^nan$/i.test(value ?? '') || Number.isFinite(Number(value)) || value === '+Inf')
  )
    throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
  if (pairs.map(([whole]) => whole).join('') !== labels) throw new Error(`not labels: ${line}`);
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: Number(value),
  };
}
