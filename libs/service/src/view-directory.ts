import { catalogue, type ViewGenerations } from '@reprise/contracts';
import { StreamTail, type LogConnection } from '@reprise/log';

export interface ViewDirectoryOptions {
  readonly connection: LogConnection;
  /** `before`: undefined for a view that was not known. */
  readonly onChange: (view: ViewGenerations, before: ViewGenerations | undefined) => void;
  readonly onFatal: (reason: unknown) => void;
}

/** All generations of all views, held in memory as the stream of generations tells of them. */
export class ViewDirectory {
  private readonly views = new Map<string, ViewGenerations>();
  private readonly tail: StreamTail<ViewGenerations>;

  constructor({ connection, onChange, onFatal }: ViewDirectoryOptions) {
    this.tail = new StreamTail({
      contract: catalogue.generation,
      connection,
      onRecord: ({ key, envelope }) => {
        if (envelope === null) this.views.delete(key);
        else {
          const before = this.views.get(key);
          this.views.set(key, envelope.state);
          onChange(envelope.state, before);
        }
      },
      onFatal,
    });
  }

  /** Resolves once everything known so far has been handed over. */
  start(): Promise<void> {
    return this.tail.start();
  }

  /** Resolves once everything that the log holds at the call has been handed over. */
  caughtUp(): Promise<void> {
    return this.tail.caughtUp();
  }

  stop(): Promise<void> {
    return this.tail.stop();
  }

  view(name: string): ViewGenerations | undefined {
    return this.views.get(name);
  }
}
