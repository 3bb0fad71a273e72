import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What shows that a request comes from another site's page in somebody's browser; undefined when nothing does. Pages are kept from
 * reading answers by the browser, not from sending requests: without authentication nothing else keeps them out.
 */
export function crossSiteFault(method: string, headers: IncomingHttpHeaders): string | undefined {
  // Every browser sends one.
  if (headers.host === undefined && headers.origin === undefined) return undefined;
  const host = URL.parse(`http://${headers.host ?? ''}`);
  if (!host || host.pathname !== '/' || !isNoDomain(host.hostname))
    return 'its Host is not an address, localhost or a name without dots';
  const { origin } = headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host.host) return 'its Origin is another site';
  const site = headers['sec-fetch-site'];
  if (!safe.has(method) && (site === 'cross-site' || site === 'same-site'))
    return 'a browser says that another site sent it';
  return undefined;
}

/** A name that a stranger can register, and let point to us later (DNS rebinding), has a dot. */
function isNoDomain(hostname: string): boolean {
  return (
    isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0 ||
    !hostname.includes('.') ||
    hostname.endsWith('.localhost')
  );
}
