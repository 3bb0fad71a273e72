import type { CommandOutcome } from '@reprise/command-store';
import { formatPositions, type Positions } from '@reprise/kernel';
import { reusedId, statusOfRefusal, versionMismatch } from '../outcome.js';
import type { BatchItem, LineProblem } from './parse-line.js';

/** The answer to one line, itself a line. Takes the next outcome when the line was a command. */
export function outcomeLine(item: BatchItem, outcomes: Iterator<CommandOutcome>): string {
  const { line, id } = item;
  if ('problem' in item) {
    return write({ line, id, outcome: 'invalid', key: item.key, problem: item.problem });
  }
  const next = outcomes.next();
  if (next.done) throw new RangeError('the store gave fewer outcomes than it was given commands');
  return write({ line, id, ...outcomeFields(next.value) });
}

/**
 * The last line of a batch that could not be finished. From `fromLine` on nothing was done; only when the connection to the
 * store broke during a commit one chunk may have been, which sending it again with the same ids tells.
 */
export function stoppedLine(fromLine: number, { status, code, detail }: LineProblem): string {
  const advice = `Nothing is known to be done from line ${fromLine} on: send these lines again, with the same ids (or all lines with the same Idempotency-Key).`;
  return write({ outcome: 'stopped', fromLine, problem: { status, code, detail: `${detail} ${advice}` } });
}

/** The line behind all outcomes, for who asked to wait: undefined is not known in time. */
export function publishedLine(positions: Positions | undefined): string {
  return positions
    ? write({ outcome: 'published', position: formatPositions(positions) })
    : write({ outcome: 'pending' });
}

function outcomeFields(outcome: CommandOutcome): object {
  const { key, repeated } = outcome;
  const repetition = repeated ? { repeated } : {};
  switch (outcome.kind) {
    case 'accepted':
      return { outcome: 'accepted', key, version: outcome.version, ...repetition };
    case 'unchanged':
      return { outcome: 'unchanged', key, version: outcome.version, ...repetition };
    case 'refused': {
      const { code, detail } = outcome.refusal;
      return {
        outcome: 'refused',
        key,
        ...repetition,
        problem: { status: statusOfRefusal(outcome.refusal), code, detail },
      };
    }
    case 'mismatched': {
      const { version } = outcome;
      return { outcome: 'refused', key, version, ...repetition, problem: versionMismatch(version) };
    }
    case 'reused':
      return { outcome: 'invalid', key, problem: reusedId };
  }
}

function write(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}
