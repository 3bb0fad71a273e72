import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@reprise/kernel';

/** The other side is away, or said that it cannot now: worth another try. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
}

export interface RetryOptions {
  /** Aborted when the replay is to stop: no further try is made. */
  readonly stop: AbortSignal;
  /** How long it may stay away before we give up. */
  readonly patienceMs: number;
  /** Told why we wait: once for as long as the reason stays the same. */
  readonly onAway: (reason: string) => void;
  /** The access token, if one is needed. */
  readonly token?: () => string | undefined;
}

const firstWaitMs = 200;
const longestWaitMs = 5_000;

/**
 * Tries until it works, waiting longer each time.
 * @throws AwayError when the other side stayed away, or we are to stop; anything else at once.
 */
export async function retry<Result>(attempt: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  const giveUpAt = performance.now() + options.patienceMs;
  let told = '';
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof AwayError) || options.stop.aborted || performance.now() + waitMs > giveUpAt)
        throw failure;
      const reason = messageOf(failure);
      if (reason !== told) options.onAway(reason);
      told = reason;
      await pause(waitMs, options.stop);
    }
  }
}

/** Waits, but not longer than until we are to stop. */
export async function pause(durationMs: number, stop: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal: stop });
  } catch (reason) {
    if (!stop.aborted) throw reason;
  }
}

/** Asks over HTTP. @throws AwayError when nobody answers. */
export async function ask(
  url: string,
  { token }: Pick<RetryOptions, 'token'>,
  init: RequestInit = {},
): Promise<Response> {
  const bearer = token?.();
  const headers = new Headers(init.headers);
  if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
  try {
    return await fetch(url, { ...init, headers });
  } catch (cause) {
    throw new AwayError(`${url} cannot be reached`, { cause });
  }
}
