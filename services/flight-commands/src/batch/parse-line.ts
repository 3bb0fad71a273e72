import type { VersionCondition } from '@reprise/command-store';
import { z } from 'zod';
import { commandId } from '../fields.js';
import type { Target } from '../http/command-desk.js';
import type { Reading } from './command-kind.js';
import { commandKinds } from './command-kinds.js';
import type { Line } from './line-splitter.js';

/** What went wrong with one line, as in a problem's body. */
export interface LineProblem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** One line of a batch: a command to execute, or what keeps it from being one. */
export type BatchItem =
  | {
      readonly line: number;
      readonly id?: string;
      readonly target: Target;
      readonly condition?: VersionCondition;
    }
  | { readonly line: number; readonly id?: string; readonly key?: string; readonly problem: LineProblem };

/** The version that the entity must be at; 0: it must be new. */
const versionCondition = z
  .int()
  .min(0)
  .transform((version): VersionCondition => (version === 0 ? { noneMatch: 'any' } : { match: [version] }))
  .optional();

const faults: Record<'line-too-long' | 'not-utf8', LineProblem> = {
  'line-too-long': { status: 413, code: 'line-too-long', detail: 'A line may have at most 64 KiB.' },
  'not-utf8': { status: 400, code: 'malformed-line', detail: 'A line must be JSON in UTF-8.' },
};

/** Never throws: a line that cannot be used says so in its own outcome, and the lines after it go on. */
export function parseLine(line: Line, nowMs: number): BatchItem {
  if ('fault' in line) return { line: line.number, problem: faults[line.fault] };
  const fields = parseObject(line.text);
  if (!fields) return malformed(line.number, 'A line must be one JSON object.');
  const { id: writtenId, type, ifVersion, ...rest } = fields;
  const id = commandId.optional().safeParse(writtenId);
  if (!id.success)
    return { line: line.number, ...invalid(`id: ${id.error.issues[0]?.message ?? 'is wrong'}`) };
  const place = id.data === undefined ? { line: line.number } : { line: line.number, id: id.data };
  const kind = typeof type === 'string' ? commandKinds.get(type) : undefined;
  if (!kind) return { ...place, ...unknownCommand() };
  const condition = versionCondition.safeParse(ifVersion);
  if (!condition.success)
    return { ...place, ...keyOf(rest), ...invalid('ifVersion: must be a version, or 0') };
  const reading = kind(rest, nowMs);
  return 'target' in reading
    ? { ...place, target: reading.target, ...(condition.data && { condition: condition.data }) }
    : { ...place, ...keyOf(rest), ...refused(reading) };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The key as written, so that the outcome can be found again; not when it is too long to be one. */
function keyOf({ key, flightId }: Readonly<Record<string, unknown>>): { key?: string } {
  const written = key ?? flightId;
  return typeof written === 'string' && written.length <= 40 ? { key: written } : {};
}

function refused({ issues }: Extract<Reading, { issues: unknown }>): { problem: LineProblem } {
  return invalid(
    issues
      .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
      .join('; '),
  );
}

function invalid(detail: string): { problem: LineProblem } {
  return { problem: { status: 422, code: 'invalid-command', detail: detail.slice(0, 1_000) } };
}

function malformed(line: number, detail: string): BatchItem {
  return { line, problem: { status: 400, code: 'malformed-line', detail } };
}

function unknownCommand(): { problem: LineProblem } {
  const detail = `The type must be one of ${[...commandKinds.keys()].join(', ')}.`;
  return { problem: { status: 422, code: 'unknown-command', detail } };
}
