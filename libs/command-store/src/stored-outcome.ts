import type { CommandOutcome } from './entity.js';

/**
 * An outcome as it was stored: our own JSON, checked because a later version of this code may read what an earlier wrote.
 * @throws TypeError when it is not one.
 */
export function storedOutcome(stored: unknown): CommandOutcome {
  if (!isObject(stored) || typeof stored['key'] !== 'string') throw corrupt(stored);
  const { kind, key, version, events, refusal, created } = stored;
  if (kind === 'accepted' && typeof version === 'number' && isTexts(events)) {
    // An earlier version of this code did not keep it.
    return { kind, key, version, events, created: created === true, repeated: true };
  }
  if (kind === 'mismatched' && (version === undefined || typeof version === 'number')) {
    return { kind, key, version, repeated: true };
  }
  if (kind === 'unchanged' && typeof version === 'number') return { kind, key, version, repeated: true };
  if (kind === 'refused' && isObject(refusal)) {
    const { kind: refusalKind, code, detail } = refusal;
    if (isRefusalKind(refusalKind) && typeof code === 'string' && typeof detail === 'string') {
      return { kind, key, refusal: { refused: true, kind: refusalKind, code, detail }, repeated: true };
    }
  }
  throw corrupt(stored);
}

function isRefusalKind(kind: unknown): kind is 'not-found' | 'conflict' | 'invalid' {
  return kind === 'not-found' || kind === 'conflict' || kind === 'invalid';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function corrupt(stored: unknown): TypeError {
  return new TypeError(`not a command's outcome: ${JSON.stringify(stored)}`);
}
