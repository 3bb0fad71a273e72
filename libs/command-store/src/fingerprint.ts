import { createHash } from 'node:crypto';
import type { CommandRequest } from './entity.js';

/** The same for two requests that ask the same of the same entity; the order of fields is of no matter. */
export function fingerprintOf({ entity, key, command, asked = command }: CommandRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([entity.contract.name, key, asked], inOrder))
    .digest('base64');
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
