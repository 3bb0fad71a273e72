import { reasonOf, StartFailure } from '../failure.js';

export type EngineKind = 'docker' | 'local';

/** What is asked of a Docker engine before it is relied on. */
export interface ContainerProbe {
  /** Whether an engine answers, with Compose beside it. */
  answers(): Promise<boolean>;
  /** Pulls what is not there. @throws Error naming what is missing, and why it could not be pulled. */
  fetchImages(): Promise<void>;
}

/** What it has to be, whatever else could be had. */
export interface WantedEngines {
  readonly kind: EngineKind;
  /** As `as asked for`. */
  readonly because: string;
}

export interface EngineChoice {
  readonly kind: EngineKind;
  /** One line for whoever started it: which engines, and why. */
  readonly said: string;
}

const names: Readonly<Record<EngineKind, string>> = { docker: 'containers', local: 'local processes' };

/**
 * Containers where a Docker engine answers that has the engines' images or can pull them, local processes otherwise.
 * @throws StartFailure when it has to be containers, and they cannot be had.
 */
export async function chooseEngines(
  wanted: WantedEngines | undefined,
  probe: ContainerProbe,
): Promise<EngineChoice> {
  if (wanted?.kind === 'local') return choice(wanted.kind, wanted.because);
  const lack = await lackOf(probe);
  if (lack === undefined) return choice('docker', wanted?.because ?? 'as a Docker engine answers');
  if (wanted) {
    const mend = 'Mend that, or use --engines=local.';
    throw new StartFailure(`Engines have to be containers, ${wanted.because}; but ${lack}. ${mend}`);
  }
  return choice('local', `as ${lack}`);
}

/** Why containers cannot be had; undefined when they can. */
async function lackOf(probe: ContainerProbe): Promise<string | undefined> {
  if (!(await probe.answers())) return 'no Docker engine with Compose answers';
  try {
    await probe.fetchImages();
    return undefined;
  } catch (failure) {
    return reasonOf(failure).replace(/\.$/, '');
  }
}

function choice(kind: EngineKind, because: string): EngineChoice {
  return { kind, said: `Engines: ${names[kind]}, ${because}.` };
}
