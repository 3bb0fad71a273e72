import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { orders } from './topic/orders.js';
import { stores } from './views/stores.js';

export const measurements = [
  'read',
  'read-and-decode',
  'straight-line',
  'hand-written',
  'hand-written-patched',
  'reprise',
  'connect',
  'streams',
] as const;
export type MeasurementName = (typeof measurements)[number];

const commandNames = ['topics', 'rebuild', 'steady', 'commands'] as const;

export interface BenchOptions {
  readonly command: (typeof commandNames)[number];
  readonly years: number;
  readonly runs: number;
  readonly builders: number;
  readonly portBase: number;
  readonly stateDir: string;
  /** True for what `--only` names; a kind of name of which it has none is not narrowed. */
  readonly isWanted: (name: string) => boolean;
}

/** What `commands` measures: how soon views show what was written, and the rates of the write side alone. */
export const commandParts = ['shown', 'rates'] as const;

const kinds: readonly (readonly string[])[] = [measurements, stores, orders, commandParts];

export const usage = `Usage: npm run bench -- rebuild|steady|commands|topics [options]
  rebuild             records a second of a rebuild, per store, beside its yardsticks
  steady              records a second that builders of a live generation take in, beside a hand-written consumer
  commands            the write side beside pgbench and a bare producer, and how soon each view shows what was written
  flips               how fast readers follow a flip of a platform that runs; options of its own
  topics              generates the topics, and leaves the engines running until Ctrl-C
  --years=1|4         length of the topics (default 4: 4 million records)
  --runs=N            runs of each measurement (default 3)
  --builders=N        builder processes per view (default 2)
  --only=A,B          only these; of ${kinds.map((kind) => kind.join(' ')).join(';\n                      of ')}
  --port-base=N       first port (default 22400; ports N to N+40 are used)
  --state-dir=DIR     default .reprise-bench; the topics are kept there`;

/** A command line that says something else than {@link usage}. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError naming what is wrong. */
export function readOptions(args: readonly string[], root: string): BenchOptions {
  const { values, positionals } = parsed(args);
  const command = commandOf(positionals);
  const years = whole('--years', values.years, 1);
  if (years !== 1 && years !== 4) throw new UsageError('--years takes 1 or 4');
  return {
    command,
    years,
    runs: whole('--runs', values.runs, 1),
    builders: whole('--builders', values.builders, 1),
    portBase: whole('--port-base', values['port-base'], 1_024),
    stateDir: resolve(root, values['state-dir']),
    isWanted: selection(values.only),
  };
}

function commandOf([command, ...more]: readonly string[]): BenchOptions['command'] {
  const known = commandNames.find((name) => name === command);
  if (known && more.length === 0) return known;
  throw new UsageError(command === undefined ? 'say what to measure' : `unknown: ${command}`);
}

function selection(only: string | undefined): (name: string) => boolean {
  const names = (only ?? '').split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !kinds.some((kind) => kind.includes(name)));
  if (unknown !== undefined) throw new UsageError(`--only: there is no ${unknown}`);
  return (name) => {
    const kind = kinds.find((one) => one.includes(name)) ?? [];
    const wanted = names.filter((one) => kind.includes(one));
    return wanted.length === 0 || wanted.includes(name);
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        years: { type: 'string', default: '4' },
        runs: { type: 'string', default: '3' },
        builders: { type: 'string', default: '2' },
        only: { type: 'string' },
        'port-base': { type: 'string', default: '22400' },
        'state-dir': { type: 'string', default: '.reprise-bench' },
      },
    });
  } catch (failure) {
    throw new UsageError(failure instanceof Error ? failure.message : String(failure));
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new UsageError(`${name} takes a whole number from ${least} on`);
}
