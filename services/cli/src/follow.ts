import type { Generation } from './answers.js';
import { CliError, UnreachableError } from './control-plane-client.js';
import type { ProgressDisplay } from './progress-display.js';

export interface FollowOptions {
  readonly ask: () => Promise<Generation>;
  readonly display: ProgressDisplay;
  /** Default: it is ready or, when it flips by itself, live. */
  readonly isArrived?: (generation: Generation) => boolean;
  readonly pause: (durationMs: number) => Promise<void>;
  readonly nowMs: () => number;
}

const pollMs = 300;
/** A control plane that restarts is waited for: the rebuild goes on without it. */
const patienceMs = 30_000;

/**
 * Shows a generation until it has arrived.
 * @throws CliError when it failed or was retired, or the control plane stays away.
 */
export async function follow(options: FollowOptions): Promise<Generation> {
  const { ask, display, pause, nowMs, isArrived = isBuilt } = options;
  let answeredMs = nowMs();
  try {
    for (;;) {
      const generation = await ask().catch((failure: unknown) => {
        if (failure instanceof UnreachableError && nowMs() - answeredMs < patienceMs) return undefined;
        throw failure;
      });
      if (generation) {
        answeredMs = nowMs();
        display.show(generation);
        requireAlive(generation);
        if (isArrived(generation)) return generation;
      }
      await pause(pollMs);
    }
  } finally {
    display.end();
  }
}

function requireAlive({ name, status, reason }: Generation): void {
  if (status === 'failed' || status === 'retired')
    throw new CliError(`${name} ${status}: ${reason ?? 'no reason given'}`);
}

/** A standby generation was live already, before anyone looked. */
function isBuilt({ status, autoFlip }: Generation): boolean {
  return status === 'live' || status === 'standby' || (status === 'ready' && !autoFlip);
}
