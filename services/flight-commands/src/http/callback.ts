import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '@reprise/service';

const header = 'reprise-callback';

/** True for an address of one of these origins: `https://example.com`. */
export function isAllowedCallback(url: string, origins: readonly string[]): boolean {
  return origins.includes(URL.parse(url)?.origin ?? '');
}

/**
 * Who is told when the command is published, if anybody.
 * @throws ProblemException 422 for an address that is none or may not be called, or beside an answer that tells already.
 */
export function readCallback(
  headers: IncomingHttpHeaders,
  { origins, respondAsync }: { readonly origins: readonly string[]; readonly respondAsync: boolean },
): string | undefined {
  const written = headers[header];
  if (written === undefined) return undefined;
  if (origins.length === 0) throw problem(422, 'callbacks-off', 'Nobody is called back by this service.');
  if (!respondAsync) {
    throw problem(
      422,
      'callback-without-async',
      `The header ${header} needs Prefer: respond-async beside it.`,
    );
  }
  const url = typeof written === 'string' && written.length <= 2_000 ? URL.parse(written) : null;
  if (!url || url.username !== '' || url.password !== '' || url.hash !== '') {
    throw problem(422, 'invalid-header', `The header ${header} must be one URL, without user and fragment.`);
  }
  if (!isAllowedCallback(url.href, origins)) {
    throw problem(422, 'callback-not-allowed', `${url.origin} is not among those that may be called back.`);
  }
  return url.href;
}
