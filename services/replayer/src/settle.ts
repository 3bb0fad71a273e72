import { ask, AwayError, pause, retry, type RetryOptions } from './sending/retry.js';

/** What is still under way after the last command. */
export interface Remaining {
  /** Records that wait to be published. */
  readonly outbox: number;
  /** Records that each view's live generation has yet to apply; undefined: the view has no live generation. */
  readonly lags: ReadonlyMap<string, number | undefined>;
}

export interface SettleOptions extends RetryOptions {
  readonly commandsUrl: string;
  readonly controlUrl: string | undefined;
  readonly onRemaining: (remaining: Remaining) => void;
}

const pollMs = 1_000;
/** Lag is reported at intervals, so one zero may be from before the last records came. */
const calmLooks = 3;

/**
 * Resolves when the outbox is empty and every view has applied everything, seen several times running.
 * @throws AwayError when a service stays away, or when nothing moves for as long as our patience.
 */
export async function settle(options: SettleOptions): Promise<void> {
  let calm = 0;
  let seen = '';
  let movedAt = performance.now();
  while (!options.stop.aborted) {
    const remaining = await retry(() => look(options), options);
    options.onRemaining(remaining);
    calm = isSettled(remaining) ? calm + 1 : 0;
    if (calm === calmLooks) return;
    const now = describe(remaining);
    if (now !== seen) movedAt = performance.now();
    seen = now;
    if (performance.now() - movedAt > options.patienceMs)
      throw new AwayError(`nothing moves any more: ${now}`);
    await pause(pollMs, options.stop);
  }
}

export function isSettled({ outbox, lags }: Remaining): boolean {
  return outbox === 0 && [...lags.values()].every((lag) => lag === 0);
}

export function describe({ outbox, lags }: Remaining): string {
  const views = [...lags].map(
    ([view, lag]) => `${view} ${lag === undefined ? 'has no live generation' : `lags by ${lag}`}`,
  );
  return [`outbox ${outbox}`, ...views].join(', ');
}

async function look(options: SettleOptions): Promise<Remaining> {
  const { commandsUrl, controlUrl } = options;
  const outbox = parseDepth(await get(`${commandsUrl}/outbox`, options));
  const lags =
    controlUrl === undefined
      ? new Map<string, number>()
      : parseLags(await get(`${controlUrl}/views`, options));
  return { outbox, lags };
}

async function get(url: string, options: SettleOptions): Promise<unknown> {
  const response = await ask(url, options);
  if (response.status >= 500 || response.status === 429)
    throw new AwayError(`${url} answers ${response.status}`);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.json();
}

/** From `{ depth }`. @throws TypeError when it is not that. */
export function parseDepth(answer: unknown): number {
  if (isRecord(answer) && typeof answer['depth'] === 'number') return answer['depth'];
  throw new TypeError('the outbox does not say its depth');
}

/** From `{ views: [{ name, live: { lagRecords } | null }] }`; lag as a number or its digits. @throws TypeError otherwise. */
export function parseLags(answer: unknown): Map<string, number | undefined> {
  if (!isRecord(answer) || !Array.isArray(answer['views']))
    throw new TypeError('the control plane does not list its views');
  return new Map(answer['views'].map((view: unknown) => [nameOf(view), lagOf(view)]));
}

function nameOf(view: unknown): string {
  if (isRecord(view) && typeof view['name'] === 'string') return view['name'];
  throw new TypeError('a view has no name');
}

function lagOf(view: unknown): number | undefined {
  const live = isRecord(view) ? view['live'] : undefined;
  const lag = isRecord(live) ? live['lagRecords'] : undefined;
  if (typeof lag === 'number') return lag;
  return typeof lag === 'string' && /^\d+$/.test(lag) ? Number(lag) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
