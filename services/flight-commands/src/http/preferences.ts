import type { IncomingHttpHeaders } from 'node:http';

/** What the header `Prefer` asks for (RFC 7240); what it holds besides is passed over, as the RFC wants it. */
export interface Preferences {
  /** Answer as soon as the command is decided and stored. */
  readonly respondAsync: boolean;
  /** Wait no longer than this for the log. */
  readonly waitMs: number | undefined;
}

export function readPreferences(headers: IncomingHttpHeaders): Preferences {
  const written = headers['prefer'];
  const preferences = (Array.isArray(written) ? written.join(',') : (written ?? ''))
    .split(',')
    .map((preference) => (preference.split(';')[0] ?? '').trim().toLowerCase());
  const seconds = preferences.flatMap(
    (preference) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(preference)?.[1] ?? [],
  );
  return {
    respondAsync: preferences.includes('respond-async'),
    // The first of several counts.
    waitMs: seconds[0] === undefined ? undefined : Number(seconds[0]) * 1_000,
  };
}

/** How long to wait for the log: no longer than asked, nor than we may; not at all when the answer need not tell. */
export function waitOf({ respondAsync, waitMs }: Preferences, longestMs: number): number {
  return Math.min(waitMs ?? (respondAsync ? 0 : longestMs), longestMs);
}

/** As the header `Preference-Applied` tells it; undefined when nothing was asked. */
export function appliedPreferences({ respondAsync, waitMs }: Preferences): string | undefined {
  const applied = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(waitMs === undefined ? [] : [`wait=${waitMs / 1_000}`]),
  ];
  return applied.length === 0 ? undefined : applied.join(', ');
}
