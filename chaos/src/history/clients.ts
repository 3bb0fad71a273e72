import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Session } from '@reprise/client';
import { catalogue } from '@reprise/contracts';
import { z } from 'zod';
import type { Random } from '../random.js';
import type { Report } from '../report.js';
import type { Operation, Read, Write } from './operation.js';

export interface HistoryOptions {
  /** Base addresses. */
  readonly urls: Readonly<Record<'commands' | 'board' | 'search' | 'timeline', string>>;
  readonly random: Random;
  readonly report: Report;
  /** Every operation is written here too, a line each, for whoever looks for the cause of a finding. */
  readonly file: string;
  readonly sessions: number;
  /** Number of the first write, beyond those of histories that were written before. Default 1. */
  readonly firstWrite?: number;
}

const [carrier, origin, date] = ['HX', 'HST', '2014-06-01'] as const;
const flightNumbers = [1, 2, 3, 4, 5];
const midnight = Date.parse(`${date}T00:00:00Z`);
/** Longer, and what became of it is not known. */
const patienceMs = 20_000;

/** `flight/2014-06-01-HX1-HST`, of the flights of this history. */
export function historyEntity(number: number): string {
  return `flight/${date}-${carrier}${number}-${origin}`;
}

/** The value of an entity: its scheduled departure, which every write sets to a time that no other write has. */
export function isHistoryEntity(entity: string): boolean {
  return flightNumbers.some((number) => historyEntity(number) === entity);
}

const departure = z.object({ flightId: z.string(), scheduledDeparture: z.iso.datetime() });
const boardAnswer = z.object({ departures: z.array(departure) });
const searchAnswer = z.object({ hits: z.array(departure) });
const timelineAnswer = z.object({
  entries: z.array(
    z.object({ version: z.int(), changed: z.object({ scheduledDeparture: z.unknown().optional() }) }),
  ),
});

/**
 * Sessions that put off a few flights, now and then on condition of a version, and ask views where they are. All that is asked
 * and answered is kept, to be held against the log at the end.
 */
export class HistoryClients {
  readonly operations: Operation[] = [];
  private stopped = false;
  private written: number;
  private readonly running: Promise<void>[];

  constructor(private readonly options: HistoryOptions) {
    this.written = (options.firstWrite ?? 1) - 1;
    this.running = Array.from({ length: options.sessions }, (_, place) =>
      this.live(`session ${place + 1}`, options.random.fork()),
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async live(name: string, random: Random): Promise<void> {
    const session = new Session({ timeoutMs: patienceMs });
    /** Versions that it was told last. */
    const versions = new Map<string, number>();
    while (!this.stopped) {
      const operation = random.chance(0.5)
        ? await this.write({ name, session, random, versions })
        : await this.read({ name, session, random });
      if (operation) this.keep(operation);
      await pause(random.between(20, 250));
    }
  }

  private keep(operation: Operation): void {
    this.operations.push(operation);
    this.options.report.count(
      `history: ${operation.kind === 'read' ? 'reads' : `writes ${operation.outcome.kind}`}`,
    );
    const shown = operation.kind === 'read' ? { shown: [...operation.shown] } : {};
    appendFileSync(this.options.file, `${JSON.stringify({ ...operation, ...shown })}\n`);
  }

  private async write({ name, session, random, versions }: Writing): Promise<Write> {
    const number = random.pick(flightNumbers);
    const entity = historyEntity(number);
    this.written += 1;
    const value = midnight + this.written * 1_000;
    const expected = random.chance(0.4) ? versions.get(entity) : undefined;
    const began = {
      kind: 'write',
      session: name,
      entity,
      value,
      expected,
      beganMs: performance.now(),
    } as const;
    const answer = await session
      .fetch(`${this.options.urls.commands}/flights`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(expected !== undefined && { 'if-match': `"${expected}"` }),
        },
        body: JSON.stringify({
          ...{ carrier, number, origin, destination: 'HDS', date },
          scheduledDeparture: new Date(value).toISOString(),
        }),
      })
      .catch(() => undefined);
    const body: unknown = await answer?.json().catch(() => undefined);
    const endedMs = performance.now();
    const version = answer && versionOf(answer, body);
    if (version !== undefined) versions.set(entity, version);
    if (version !== undefined && (answer?.ok || answer?.status === 412))
      return { ...began, endedMs, outcome: { kind: answer.ok ? 'accepted' : 'mismatched', version } };
    // An answer that broke off in the middle is none.
    if (answer && answer.status < 500 && body !== undefined)
      this.options.report.finding(
        `a write of the history was answered ${answer.status}: ${JSON.stringify(body)}`,
      );
    return { ...began, endedMs: Infinity, outcome: { kind: 'unknown' } };
  }

  private async read({ name, session, random }: Omit<Writing, 'versions'>): Promise<Read | undefined> {
    const question = random.pick([this.board(), this.search(), this.timeline(random.pick(flightNumbers))]);
    const beganMs = performance.now();
    const answer = await session.fetch(question.url).catch(() => undefined);
    const body: unknown = await answer?.json().catch(() => undefined);
    // No answer tells nothing; nor does that of a service that cannot answer now.
    if (!answer || body === undefined || (answer.status !== 200 && answer.status !== 404)) return undefined;
    const { view, stream, asked } = question;
    const shown = answer.status === 404 ? new Map<string, number>() : question.shown(body);
    return { kind: 'read', session: name, view, stream, asked, shown, beganMs, endedMs: performance.now() };
  }

  private board(): Question {
    const { board } = this.options.urls;
    return {
      ...ofAll('departure-board'),
      url: `${board}/airports/${origin}/departures?from=2014-01-01T00:00:00Z&limit=100`,
      shown: (body) => valuesOf(boardAnswer.parse(body).departures),
    };
  }

  private search(): Question {
    return {
      ...ofAll('flight-search'),
      url: `${this.options.urls.search}/flights?origin=${origin}&limit=50`,
      shown: (body) => valuesOf(searchAnswer.parse(body).hits),
    };
  }

  private timeline(number: number): Question {
    const entity = historyEntity(number);
    return {
      view: 'flight-timeline',
      stream: catalogue.flightHistory.name,
      asked: [entity],
      url: `${this.options.urls.timeline}/flights/${entity.slice('flight/'.length)}/timeline`,
      shown: (body) => {
        const { entries } = timelineAnswer.parse(body);
        if (entries.some(({ version }, place) => version !== place + 1))
          this.options.report.finding(
            `the timeline of ${entity} leaves something out: ${JSON.stringify(entries)}`,
          );
        const value = instantOf(entries.at(-1)?.changed.scheduledDeparture);
        return new Map([[entity, value]]);
      },
    };
  }
}

interface Writing {
  readonly name: string;
  readonly session: Session;
  readonly random: Random;
  readonly versions: Map<string, number>;
}

interface Question extends Pick<Read, 'view' | 'stream' | 'asked'> {
  readonly url: string;
  shown(body: unknown): ReadonlyMap<string, number>;
}

function ofAll(view: string): Pick<Question, 'view' | 'stream' | 'asked'> {
  return { view, stream: catalogue.flight.name, asked: flightNumbers.map(historyEntity) };
}

const operationAnswer = z.object({ result: z.object({ version: z.int() }) });

/** Told by the answer to a command, or by the operation that it became. */
function versionOf(answer: Response, body: unknown): number | undefined {
  const tag = /^"(\d+)"$/.exec(answer.headers.get('etag') ?? '')?.[1];
  if (tag !== undefined) return Number(tag);
  return operationAnswer.safeParse(body).data?.result.version;
}

function valuesOf(shown: readonly z.output<typeof departure>[]): Map<string, number> {
  return new Map(
    shown.map(({ flightId, scheduledDeparture }) => [`flight/${flightId}`, Date.parse(scheduledDeparture)]),
  );
}

function instantOf(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}
