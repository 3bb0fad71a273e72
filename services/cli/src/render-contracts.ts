import type { Consumer, ContractCheck, ContractDiff, FieldDifference } from '@reprise/contract-versions';
import { table } from './render.js';

export function renderCheck({ streams, versions, views, findings }: ContractCheck): string {
  if (findings.length > 0) return findings.map(({ text }) => text).join('\n');
  return `${streams} streams, ${versions} published versions, ${views} views: each version reads all others, each view reads all versions`;
}

export function renderDiff({ stream, from, to, differences }: ContractDiff): string {
  if (differences.length === 0) return `${stream}: ${from} and ${to} are the same`;
  const rows = differences.map(({ field, kind, ...sides }) => [kind, field, sideBySide(sides)]);
  return `${stream}: from ${from} to ${to}\n${table(['CHANGE', 'FIELD', 'TYPE = DEFAULT'], rows)}`;
}

export function renderConsumers(place: string, consumers: readonly Consumer[]): string {
  if (consumers.length === 0) return `No view reads ${place}.`;
  const rows = consumers.map(({ view, definitionVersion, stream, joinedAs, fields }) => [
    view,
    String(definitionVersion),
    stream,
    joinedAs ?? '-',
    fields.join(', '),
  ]);
  return table(['VIEW', 'DEFINITION', 'STREAM', 'JOINED AS', 'READS'], rows);
}

function sideBySide({ before, after }: Pick<FieldDifference, 'before' | 'after'>): string {
  return before === undefined || after === undefined ? (before ?? after ?? '') : `${before} → ${after}`;
}
