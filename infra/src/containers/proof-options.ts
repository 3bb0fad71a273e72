import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartFailure } from '../failure.js';

export interface ProofOptions {
  readonly ownEngine: boolean;
  readonly standIns: boolean;
  readonly engineDir: string;
  /** The first two digits of the published ports. */
  readonly ports: string;
  /** Whether an image of the services that is there is taken as it is. */
  readonly reuseImage: boolean;
  /** A profile of the Compose file that is proved instead of what runs by default. */
  readonly profile: 'scale' | undefined;
  /** How many days of January are replayed. */
  readonly days: number;
}

export const usage = `Usage: npm run test:compose -- [options]
  --own-engine        start a Docker engine for this run, and end it after (as root, with dockerd and iptables installed)
  --stand-ins         build stand-ins for official images that are not there, where none can be pulled (with debootstrap)
  --engine-dir=DIR    where the engine of this run and what the stand-ins are built from are (default .cache/docker)
  --ports=NN          the first two digits of the published ports (default 94: 9400 and so on)
  --reuse-image       take the services' image as it is
  --profile=scale     prove three brokers and two builders of each view instead (10 GiB of memory)
  --days=1..31        replay the first days of January only, on slow machines (default 31: all)`;

/** @throws StartFailure naming the option and what it takes. */
export function parseProofOptions(args: readonly string[], root: string): ProofOptions {
  const values = parsed(args);
  const ports = values.ports ?? '94';
  if (!/^[1-9]\d$/.test(ports)) throw new StartFailure(`--ports takes two digits, 10 to 99.\n${usage}`);
  return {
    ownEngine: values['own-engine'] ?? false,
    standIns: values['stand-ins'] ?? false,
    engineDir: resolve(root, values['engine-dir'] ?? join('.cache', 'docker')),
    ports,
    reuseImage: values['reuse-image'] ?? false,
    profile: profileOf(values.profile),
    days: daysOf(values.days ?? '31'),
  };
}

function profileOf(text: string | undefined): 'scale' | undefined {
  if (text !== undefined && text !== 'scale') throw new StartFailure(`--profile takes scale.\n${usage}`);
  return text;
}

function daysOf(text: string): number {
  if (!/^([1-9]|[12]\d|3[01])$/.test(text))
    throw new StartFailure(`--days takes a number from 1 to 31.\n${usage}`);
  return Number(text);
}

function parsed(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const options = {
    'own-engine': flag,
    'stand-ins': flag,
    'engine-dir': text,
    ports: text,
    'reuse-image': flag,
    profile: text,
    days: text,
  };
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (failure) {
    throw new StartFailure(`${failure instanceof Error ? failure.message : String(failure)}\n${usage}`);
  }
}
