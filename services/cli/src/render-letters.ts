import type { Letter, LetterOrder, Letters } from './answers.js';
import { ageOf, table } from './render.js';

const longestCause = 80;

export function renderLetters({ total, letters }: Letters, nowMs: number): string {
  if (letters.length === 0) return 'There are no dead letters like that.';
  const rows = letters.map(({ letterId, key, entityVersion, status, code, cause, attempts, parkedAt }) => [
    letterId,
    key,
    entityVersion === null ? '-' : String(entityVersion),
    status,
    code,
    String(attempts),
    ageOf(nowMs - parkedAt),
    cause.length > longestCause ? `${cause.slice(0, longestCause)}…` : cause,
  ]);
  const shown = table(['LETTER', 'KEY', 'VERSION', 'STATUS', 'CODE', 'TRIES', 'AGE', 'CAUSE'], rows);
  return letters.length < total ? `${shown}\n${letters.length} of ${total}; --limit shows more` : shown;
}

export function renderLetter(letter: Letter, nowMs: number): string {
  const { letterId, key, entityVersion, status, code, cause, attempts, parkedAt } = letter;
  const version = entityVersion === null ? '' : `, version ${entityVersion}`;
  const closed =
    letter.closedBy === null ? [] : [`closed by ${letter.closedBy}: ${letter.closedReason ?? ''}`];
  return [
    letterId,
    `entity ${key}${version}`,
    `${status}, set aside ${ageOf(nowMs - parkedAt)} ago, tried ${attempts} times`,
    `${code}: ${cause}`,
    ...closed,
    letter.decoded ?? `${letter.recordBytes} bytes that cannot be decoded`,
  ].join('\n');
}

export function renderOrder({ dryRun, selected, results }: LetterOrder): string {
  if (selected === 0) return 'No open dead letter is like that.';
  const lines = results.map(({ letterId, result, cause }) => [letterId, result, cause]);
  const summary = dryRun ? `${selected} letters would be put through; nothing was done` : tallied(results);
  return `${table(['LETTER', 'RESULT', 'CAUSE'], lines)}\n${summary}`;
}

function tallied(results: LetterOrder['results']): string {
  return [...Map.groupBy(results, ({ result }) => result)]
    .map(([result, some]) => `${some.length} ${result}`)
    .join(', ');
}
