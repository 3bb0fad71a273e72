import type { Flips, Generation, Verification } from './answers.js';
import { table } from './render.js';

const longestValue = 120;

/** What a check came to, with the keys that differ. */
export function renderVerification(name: string, verification: Verification): string {
  const { against, entitiesChecked, differences, repaired, problem, samples } = verification;
  const reference = against === null ? 'the log' : `generation ${against}`;
  if (problem !== null) return `${name} could not be compared with ${reference}: ${problem}`;
  const checked = `${entitiesChecked.toLocaleString('en-US')} entities checked`;
  if (differences === 0) return `${name} is what ${reference} says: ${checked}, no differences`;
  const rows = samples.map(({ kind, key, expected, actual }) => [
    kind,
    key,
    valueOf(expected),
    valueOf(actual),
  ]);
  const [is, says] = against === null ? ['ACTUAL', 'EXPECTED'] : [name.toUpperCase(), `G${against}`];
  return [
    `${name} differs from ${reference}: ${checked}, ${differences} differences, ${repaired} repaired`,
    ...(rows.length > 0 ? [table(['KIND', 'KEY', says, is], rows)] : []),
    ...(rows.length < differences ? [`the first ${rows.length} of ${differences}`] : []),
  ].join('\n');
}

/** True when it is known to be what it must be now. */
export function isRight({ differences, repaired, problem }: Verification): boolean {
  return problem === null && differences <= repaired;
}

export function renderFlips({ flips }: Flips): string {
  if (flips.length === 0) return 'Nothing has gone live yet.';
  const rows = flips.map(({ kind, from, to, at, by, forced, note }) => [
    new Date(at).toISOString(),
    forced ? `${kind}, forced` : kind,
    from === null ? '-' : String(from),
    String(to),
    by,
    note ?? '',
  ]);
  return table(['WHEN', 'WHAT', 'FROM', 'TO', 'BY', 'NOTE'], rows);
}

/** The check with this id, once it is over. */
export function concludedCheck({ verification }: Generation, id: number): Verification | undefined {
  return verification?.id === id && verification.concludedAt !== null ? verification : undefined;
}

function valueOf(text: string | null): string {
  if (text === null) return 'nothing';
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
