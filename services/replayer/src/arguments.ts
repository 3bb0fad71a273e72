import { parseArgs } from 'node:util';
import { messageOf } from '@reprise/kernel';

export interface ReplayArguments {
  /** Base address of the flight commands. */
  readonly commandsUrl: string;
  /** Base address of the control plane; without it only the outbox is waited for at the end. */
  readonly controlUrl: string | undefined;
  /** Where it is written down how far the replay came. */
  readonly stateFile: string;
  /** Holds the access token; undefined: REPRISE_TOKEN has it, or none is needed. */
  readonly tokenFile: string | undefined;
  /** Months of 2013 to replay, ascending, 1 to 12. */
  readonly months: readonly number[];
  /** How many times faster than real time; undefined: as fast as it goes. */
  readonly speed: number | undefined;
}

export const usage =
  'usage: --commands=URL [--control=URL] --state=FILE (--month=1..12 | --all) [--speed=N, times real time] [--token-file=FILE]';

/** @throws RangeError with what is wrong and how it should be. */
export function readArguments(args: readonly string[]): ReplayArguments {
  const values = parse(args);
  return {
    commandsUrl: address('commands', values.commands ?? missing('commands')),
    controlUrl: values.control === undefined ? undefined : address('control', values.control),
    stateFile: values.state ?? missing('state'),
    tokenFile: values['token-file'],
    months: monthsOf(values.month, values.all ?? false),
    speed: values.speed === undefined ? undefined : positive('speed', values.speed),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        commands: text,
        control: text,
        state: text,
        'token-file': text,
        month: text,
        all: { type: 'boolean' },
        speed: text,
      },
    }).values;
  } catch (cause) {
    throw new RangeError(`${messageOf(cause)}\n${usage}`, { cause });
  }
}

function monthsOf(month: string | undefined, isAll: boolean): number[] {
  if (isAll === (month !== undefined)) throw new RangeError(`give either --month or --all\n${usage}`);
  if (month === undefined) return Array.from({ length: 12 }, (_, index) => index + 1);
  if (!/^([1-9]|1[0-2])$/.test(month)) throw new RangeError(`--month must be 1 to 12, not ${month}`);
  return [Number(month)];
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a number above 0, not ${text}`);
}

function address(name: string, text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new RangeError(`--${name} must be an http address, not ${text}`);
  return text.replace(/\/+$/, '');
}

function missing(name: string): never {
  throw new RangeError(`--${name} is missing\n${usage}`);
}
