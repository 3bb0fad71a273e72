import type { IncomingHttpHeaders } from 'node:http';
import type { VersionCondition, Versions } from '@reprise/command-store';
import { problem } from '@reprise/service';

const listed = /^\s*(?:(?:W\/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?=W\/|"|$)|$))+$/;
const tag = /(W\/)?"([^"]*)"/g;

/** An entity's version as an `ETag`. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * What `If-Match` and `If-None-Match` ask of the entity's version (RFC 9110). A tag that no version of ours has matches
 * none; a weak one is not enough for `If-Match`.
 * @throws ProblemException 400 for a header that is neither `*` nor a list of tags.
 */
export function readCondition(headers: IncomingHttpHeaders): VersionCondition | undefined {
  const match = versionsIn(headers, { name: 'if-match', takesWeak: false });
  const noneMatch = versionsIn(headers, { name: 'if-none-match', takesWeak: true });
  if (match === undefined && noneMatch === undefined) return undefined;
  return { ...(match && { match }), ...(noneMatch && { noneMatch }) };
}

function versionsIn(
  headers: IncomingHttpHeaders,
  { name, takesWeak }: { readonly name: 'if-match' | 'if-none-match'; readonly takesWeak: boolean },
): Versions | undefined {
  const written = headers[name];
  if (written === undefined) return undefined;
  if (written.trim() === '*') return 'any';
  if (!listed.test(written)) {
    throw problem(
      400,
      'invalid-header',
      `The header ${name} must be * or versions in quotes, as "7" or "7", "8".`,
    );
  }
  return [...written.matchAll(tag)].flatMap(([, weak, text = '']) =>
    /^[1-9]\d{0,14}$/.test(text) && (takesWeak || weak === undefined) ? [Number(text)] : [],
  );
}
