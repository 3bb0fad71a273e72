import { ndjson, watchingEnd } from './batch-answer.js';
import { formatPositions, furthest, parsePositions, type Positions } from '@reprise/kernel';

export interface SessionOptions {
  /** Default: the runtime's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Longest time for one request with all its tries and waits, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  readonly pause?: (durationMs: number) => Promise<void>;
  readonly nowMs?: () => number;
  /** Gives the access token that goes along with every request, renewed when that is due; asked each time. */
  readonly token?: () => Promise<string>;
  /** A key for each command that has none. Default: random UUIDs. */
  readonly newKey?: () => string;
}

/** A request that was not answered for good in time. Of a command it is not known whether it was executed: repeat it with its key. */
export class SessionTimeout extends Error {
  override readonly name = 'SessionTimeout';
}

const defaultTimeoutMs = 30_000;
const leastPauseMs = 100;
const mostPauseMs = 5_000;
const reads = new Set(['GET', 'HEAD', 'OPTIONS']);
const passing = new Set([429, 502, 503, 504]);

/**
 * One client's way through the platform. Whatever it wrote or read, it never reads anything older: positions of all answers are
 * kept and asked for by every query. A command has a key, so it is sent again when its answer was lost and is executed
 * once; a command that was taken but not published yet (202) is followed until it is.
 *
 * Commands by the line (`application/x-ndjson`) ask for their position at their end, and it is kept once the answer was read so
 * far. They are held in memory until then, to be sent again.
 */
export class Session {
  private seen: Positions = new Map();

  constructor(private readonly options: SessionOptions = {}) {}

  /** What this session has seen, for another one to go on from: see {@link observe}. */
  get position(): string {
    return formatPositions(this.seen);
  }

  /**
   * From now on nothing is read that is older than this position.
   * @throws RangeError when it is none.
   */
  observe(position: string): void {
    this.seen = furthest(this.seen, parsePositions(position));
  }

  /**
   * As the platform's `fetch`. Answers that say "later" (429, 502, 503, 504) and broken connections are tried again; in place of
   * a 202 the final answer of its operation is returned.
   * @throws SessionTimeout when time is up, with the last failure as its cause. Reading the answer to commands by the line throws
   * it as well, behind all outcomes, when it is not known in time where they are; not where the request says for itself what it
   * prefers.
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { timeoutMs = defaultTimeoutMs } = this.options;
    const untilMs = this.nowMs() + timeoutMs;
    const answer = await this.answered(this.marked(request), untilMs);
    if (isBatch(request)) return this.watched(answer, request);
    const operation = answer.status === 202 ? answer.headers.get('location') : null;
    return operation === null ? answer : this.outcome(new URL(operation, request.url), { request, untilMs });
  }

  /** The request with what makes it safe to repeat, or to be answered from any instance. */
  private marked(request: Request): Request {
    const { newKey = () => globalThis.crypto.randomUUID() } = this.options;
    const headers = new Headers(request.headers);
    if (!reads.has(request.method)) {
      if (!headers.has('idempotency-key')) headers.set('idempotency-key', newKey());
      if (isBatch(request) && !headers.has('prefer'))
        headers.set('prefer', `wait=${Math.ceil((this.options.timeoutMs ?? defaultTimeoutMs) / 1_000)}`);
    } else if (!headers.has('reprise-min-position')) headers.set('reprise-min-position', this.position);
    return new Request(request, { headers });
  }

  /** The first answer that does not say "later". */
  private async answered(request: Request, untilMs: number): Promise<Response> {
    for (let tries = 0; ; tries += 1) {
      const outcome = await this.attempt(await this.withToken(request));
      if (outcome instanceof Response && !passing.has(outcome.status)) {
        this.note(outcome);
        return outcome;
      }
      const waitMs = pauseAfter(outcome, tries);
      if (this.nowMs() + waitMs >= untilMs) throw timedOut(request, outcome);
      if (outcome instanceof Response) await outcome.body?.cancel();
      await this.pause(waitMs);
    }
  }

  /** A copy, for one try: the next one may need a newer token. */
  private async withToken(request: Request): Promise<Request> {
    const { token } = this.options;
    const copy = request.clone();
    if (!token) return copy;
    copy.headers.set('authorization', `Bearer ${await token()}`);
    return copy;
  }

  private async attempt(request: Request): Promise<Response | Error> {
    const { fetch = globalThis.fetch } = this.options;
    try {
      return await fetch(request);
    } catch (failure) {
      if (request.signal.aborted) throw failure;
      return failure instanceof Error ? failure : new Error(String(failure));
    }
  }

  /** The answer about an operation once it is not pending any more. */
  private async outcome(
    url: URL,
    { request, untilMs }: { request: Request; untilMs: number },
  ): Promise<Response> {
    const authorization = request.headers.get('authorization');
    const headers = authorization === null ? {} : { authorization };
    for (let tries = 0; ; tries += 1) {
      const asked = new Request(url, { headers, signal: request.signal });
      const answer = await this.answered(asked, untilMs);
      if (!(await isPending(answer.clone()))) return answer;
      const waitMs = pauseAfter(answer, tries);
      if (this.nowMs() + waitMs >= untilMs) throw timedOut(request, answer);
      await this.pause(waitMs);
    }
  }

  private watched(answer: Response, request: Request): Response {
    return watchingEnd(answer, (end) => {
      if (end.outcome === 'published') this.observe(end.position);
      else if (!request.headers.has('prefer')) throw timedOut(request, answer);
    });
  }

  private note(answer: Response): void {
    const position = answer.headers.get('reprise-position');
    if (position !== null) this.observe(position);
  }

  private pause(durationMs: number): Promise<void> {
    const { pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) } = this.options;
    return pause(durationMs);
  }

  private nowMs(): number {
    const { nowMs = () => performance.now() } = this.options;
    return nowMs();
  }
}

function isBatch({ method, headers }: Request): boolean {
  return method === 'POST' && headers.get('content-type')?.startsWith(ndjson) === true;
}

/** As the answer asks (`Retry-After` in seconds), else longer from try to try. */
function pauseAfter(outcome: Response | Error, tries: number): number {
  const asked =
    outcome instanceof Response ? Number(outcome.headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  if (Number.isFinite(asked)) return Math.min(mostPauseMs, asked * 1_000);
  return Math.min(mostPauseMs, leastPauseMs * 2 ** Math.min(tries, 10));
}

async function isPending(answer: Response): Promise<boolean> {
  if (!answer.ok) return false;
  const body: unknown = await answer.json();
  return typeof body === 'object' && body !== null && 'state' in body && body.state === 'pending';
}

function timedOut(request: Request, last: Response | Error): SessionTimeout {
  const what = last instanceof Response ? `the last answer was ${last.status}` : last.message;
  return new SessionTimeout(`${request.method} ${request.url} was not answered in time: ${what}`, {
    cause: last,
  });
}
