import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { StartFailure } from './failure.js';
import type { VersionBeside } from './topology.js';

export interface StartOptions {
  readonly engines: 'docker' | 'local' | undefined;
  readonly selection: { readonly month: number } | 'all';
  readonly speed: number | undefined;
  readonly detach: boolean;
  readonly replay: boolean;
  readonly portBase: number;
  readonly stateDir: string;
  /** Views of other checkouts, to run beside those of this one. */
  readonly beside: readonly VersionBeside[];
  /** Internal: this process is the one that stays in the background. */
  readonly supervise: boolean;
}

export const defaultPortBase = 7_400;

const known = {
  engines: { type: 'string' },
  month: { type: 'string' },
  all: { type: 'boolean' },
  speed: { type: 'string' },
  detach: { type: 'boolean' },
  'no-replay': { type: 'boolean' },
  'port-base': { type: 'string' },
  'state-dir': { type: 'string' },
  beside: { type: 'string', multiple: true },
  supervise: { type: 'boolean' },
} as const;

export const usage = `Usage: npm start -- [options]
  --month=1..12         replay one month of flights (default 1)
  --all                 replay the whole year
  --speed=N             N times real time (default: as fast as it goes)
  --no-replay           start everything, replay nothing
  --detach              return when all is replayed and served; npm stop stops it
  --engines=docker|local  default: where its data are; at first docker where an engine answers, else local processes
  --port-base=N         first port (default ${defaultPortBase}; ports N to N+79 at most are used)
  --state-dir=DIR       default .reprise
  --beside=VIEW=DIR     also run VIEW as the checkout in DIR has it, installed and built; may be given again`;

/** @throws StartFailure naming the option and what it takes. */
export function parseOptions(args: readonly string[], root: string): StartOptions {
  const values = parsed(args);
  const { engines, month, all, speed } = values;
  if (engines !== undefined && engines !== 'docker' && engines !== 'local')
    throw refused('--engines', 'docker or local');
  if (month !== undefined && all === true)
    throw new StartFailure(`--month and --all exclude each other.\n${usage}`);
  return {
    engines,
    selection:
      all === true ? 'all' : { month: number('--month', month ?? '1', { min: 1, max: 12, whole: true }) },
    speed: speed === undefined ? undefined : number('--speed', speed, { min: 0.001, max: 1e9, whole: false }),
    detach: values.detach ?? false,
    replay: !(values['no-replay'] ?? false),
    portBase: number('--port-base', values['port-base'] ?? String(defaultPortBase), {
      min: 1_024,
      max: 65_000,
      whole: true,
    }),
    stateDir: resolve(root, values['state-dir'] ?? '.reprise'),
    beside: (values.beside ?? []).map((text) => versionBeside(text, root)),
    supervise: values.supervise ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false }).values;
  } catch (failure) {
    throw new StartFailure(`${failure instanceof Error ? failure.message : String(failure)}\n${usage}`);
  }
}

function versionBeside(text: string, root: string): VersionBeside {
  const [, view, folder] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (view === undefined || folder === undefined)
    throw refused('--beside', 'a view and a folder, as flight-search=../flights-before');
  return { view, root: resolve(root, folder) };
}

function number(
  name: string,
  text: string,
  { min, max, whole }: { min: number; max: number; whole: boolean },
): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    throw refused(name, `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
  }
  return value;
}

function refused(name: string, takes: string): StartFailure {
  return new StartFailure(`${name} takes ${takes}.\n${usage}`);
}
