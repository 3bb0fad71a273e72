import type { StreamContract, ViewGenerations } from '@reprise/contracts';
import { StreamTail, type LogConnection } from '@reprise/log';

export interface KnownViewsOptions {
  readonly contract: StreamContract<ViewGenerations>;
  readonly connection: LogConnection;
  readonly onUndecodable: (reason: string) => void;
  readonly onFatal: (reason: unknown) => void;
}

/** All views as the stream of generations tells of them; it follows the store by a moment. */
export class KnownViews {
  private readonly known = new Map<string, ViewGenerations>();
  private readonly tail: StreamTail<ViewGenerations>;

  constructor(options: KnownViewsOptions) {
    this.tail = new StreamTail({
      ...options,
      onRecord: ({ key, envelope }) => {
        if (envelope === null) this.known.delete(key);
        else this.known.set(key, envelope.state);
      },
    });
  }

  /** Resolves once everything known so far has been read. */
  start(): Promise<void> {
    return this.tail.start();
  }

  stop(): Promise<void> {
    return this.tail.stop();
  }

  /** Sorted. */
  names(): string[] {
    return [...this.known.keys()].sort();
  }

  view(name: string): ViewGenerations | undefined {
    return this.known.get(name);
  }
}
