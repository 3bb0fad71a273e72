import type { GenerationReport, Verification } from '@reprise/contracts';
import { callsFor, messageOf, type Positions } from '@reprise/kernel';
import { LogAdmin, LogScanner, StreamDecoder, type LogConnection } from '@reprise/log';
import { projector, type AnyView } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import type { LetterBook } from '../letters/letter-book.js';
import type { JoinedStreams } from '../references/reference-table.js';
import type { WorkSizes } from '../work-sizes.js';
import { textOf } from './group-sums.js';
import { Repairer } from './repairer.js';
import { GenerationSide, LogSide, type Side } from './sides.js';
import { Verifier, type Findings, type VerificationPhase } from './verifier.js';

export type VerificationReport = NonNullable<GenerationReport['verification']>;

export interface VerificationOptions {
  readonly view: AnyView<unknown>;
  readonly asked: Verification;
  readonly store: GenerationStore<unknown>;
  /** The generation that it is compared with, instead of the log. */
  readonly against: GenerationStore<unknown> | undefined;
  readonly connection: LogConnection;
  readonly joined: JoinedStreams;
  readonly letters: LetterBook;
  readonly sizes: WorkSizes;
}

/** Differences that are told with their rows. */
const mostSamples = 20;
const longestSample = 2_000;
const retryMs = 1_000;

/** One check of a generation, as it was asked for: runs to its end, and says all along how far it is. */
export class VerificationRun {
  private current: VerificationReport;
  private offsetsRead = 0;
  private offsetsToRead = 0;
  private stopped = false;

  constructor(private readonly options: VerificationOptions) {
    this.current = {
      id: options.asked.id,
      isDone: false,
      phase: 'waiting',
      percent: 0,
      entitiesChecked: 0,
      differences: 0,
      repaired: 0,
      problem: null,
      samples: [],
    };
  }

  get report(): VerificationReport {
    const percent =
      this.offsetsToRead === 0 ? 0 : Math.min(99, Math.floor((this.offsetsRead * 100) / this.offsetsToRead));
    return this.current.isDone ? this.current : { ...this.current, percent };
  }

  /** It is left where it is; whoever is asked next begins it anew. */
  stop(): void {
    this.stopped = true;
  }

  /** Resolves when the report is final. Never fails: what went wrong is in the report. */
  async run(): Promise<void> {
    const { connection } = this.options;
    const [scanner, admin] = [new LogScanner(connection), new LogAdmin(connection)];
    try {
      // What is away comes back: a check is not over before it has an answer.
      for (;;) {
        try {
          await this.check(scanner, admin);
          return;
        } catch (failure) {
          const isPassing = callsFor(failure, 'retry');
          if (this.stopped || !isPassing) throw failure;
          this.current = { ...this.current, problem: messageOf(failure) };
          await pause(retryMs);
        }
      }
    } catch (failure) {
      this.current = { ...this.current, isDone: !this.stopped, percent: 100, problem: messageOf(failure) };
    } finally {
      await Promise.allSettled([scanner.stop(), admin.stop()]);
    }
  }

  private async check(scanner: LogScanner, admin: LogAdmin): Promise<void> {
    const { asked, view, store } = this.options;
    const ends = (): Promise<Positions> => admin.endOffsets([view.source.topic]);
    const verifier = this.verifier(this.expected(scanner, admin), ends);
    const found = await verifier.run();
    this.requireJudgeable(found);
    if (!asked.repair || found.differences === 0) {
      this.conclude(found, 0);
      return;
    }
    this.show('mending');
    await new Repairer({ view, store, projector: this.projector() }).mend(found);
    await store.settle();
    const left = await this.verifier(this.expected(scanner, admin), ends).run();
    this.conclude(found, Math.max(0, found.differences - left.differences));
  }

  private verifier(expected: Side, ends: () => Promise<Positions>): Verifier {
    const { store, sizes } = this.options;
    const setAside = this.setAside();
    return new Verifier({
      expected,
      store,
      ends: async () => {
        const noted = await ends();
        this.offsetsRead = 0;
        this.offsetsToRead = [...noted.values()].reduce((sum, offset) => sum + Number(offset), 0);
        return noted;
      },
      joined: async () => {
        // Whoever feeds a partition may have heard of a change that has not come here yet.
        await this.options.joined.caughtUp();
        return this.options.joined.positions();
      },
      isSetAside: (entity) => setAside.has(entity),
      maxEntities: sizes.verifiedEntities,
      onPhase: (phase) => {
        this.show(phase);
      },
      pause,
      nowMs: () => performance.now(),
    });
  }

  private expected(scanner: LogScanner, admin: LogAdmin): Side {
    const { against, view, connection, sizes, store } = this.options;
    if (against) return new GenerationSide(against);
    return new LogSide({
      view,
      projector: this.projector(),
      source: scanner,
      states: StreamDecoder.states(view.source, connection, view.fields),
      facts: StreamDecoder.fields(view.source, connection, view.fields),
      rowText: (row) => store.rowText(row),
      starts: () => admin.startOffsets(view.source.topic),
      maxEntities: sizes.loadedEntities,
      onRead: (offsets) => {
        if (this.stopped) throw new Error('the check was stopped');
        this.offsetsRead += offsets;
      },
    });
  }

  private projector() {
    const { view, joined } = this.options;
    return projector(view, (stream, key) => joined.lookUp(stream, key));
  }

  /** Keys of the entities that have dead letters. */
  private setAside(): ReadonlySet<string> {
    const { letters, view } = this.options;
    const { topic, partitions } = view.source;
    const all = Array.from({ length: partitions }, (_, partition) => `${topic}/${partition}`);
    return new Set(all.flatMap((partition) => letters.unclosedIn(partition).map(({ key }) => key)));
  }

  private requireJudgeable({ groups }: Findings): void {
    if (groups.length > 0 && this.setAside().size > 0)
      throw new Error('dead letters are open: sums cannot be told right from wrong before they are closed');
  }

  private show(phase: VerificationPhase): void {
    this.current = { ...this.current, phase, problem: null };
  }

  private conclude(found: Findings, repaired: number): void {
    const { entitiesChecked, differences } = found;
    const samples = samplesOf(found);
    this.current = {
      ...this.current,
      isDone: true,
      percent: 100,
      entitiesChecked,
      differences,
      repaired,
      samples,
    };
  }
}

function samplesOf({ entities, groups }: Findings): VerificationReport['samples'] {
  const rows = entities.flatMap(({ entity, rows: differing }) =>
    differing.map(({ key, expected, actual }) => ({ kind: 'row', entity, key, ...texts(expected, actual) })),
  );
  const sums = groups.map(({ group, expected, actual }) => ({
    kind: 'group',
    entity: '',
    key: JSON.stringify(group),
    ...texts(textOf(expected) ?? undefined, textOf(actual) ?? undefined),
  }));
  return [...rows, ...sums].slice(0, mostSamples);
}

function texts(expected: string | undefined, actual: string | undefined) {
  return { expected: cut(expected), actual: cut(actual) };
}

function cut(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.length > longestSample ? `${text.slice(0, longestSample)}…` : text;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
