import { accessSync, constants, readFileSync } from 'node:fs';

export type StoreKind = 'postgres' | 'redis' | 'elasticsearch';

/** How a store is reached, taken apart. */
export interface StoreAddress {
  /** Without what is ours and no client knows. */
  readonly url: string;
  /** Certificates (PEM) by which the server is believed; undefined: those that Node knows. */
  readonly ca: string | undefined;
  readonly apiKey: string | undefined;
}

interface Form {
  readonly protocols: readonly string[];
  /** Of these protocols, those that go by TLS. */
  readonly secure: readonly string[];
  /** Parameters that name files. */
  readonly files: readonly string[];
}

const forms: Readonly<Record<StoreKind, Form>> = {
  postgres: {
    protocols: ['postgres:', 'postgresql:'],
    secure: ['postgres:', 'postgresql:'],
    files: ['sslrootcert', 'sslcert', 'sslkey'],
  },
  redis: { protocols: ['redis:', 'rediss:'], secure: ['rediss:'], files: ['sslrootcert'] },
  elasticsearch: {
    protocols: ['http:', 'https:'],
    secure: ['https:'],
    files: ['sslrootcert', 'apikeyfile'],
  },
};

/**
 * What is wrong with the address of a store; undefined when nothing is. Files are named in it as Postgres has them named
 * (`sslrootcert`, …); for Elasticsearch `apikeyfile` holds an API key. Never tells anything of the address itself.
 */
export function addressProblem(kind: StoreKind, address: string): string | undefined {
  const { protocols, secure, files } = forms[kind];
  const url = URL.parse(address);
  if (!url || !protocols.includes(url.protocol))
    return `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const named = files.filter((name) => url.searchParams.has(name));
  const unread = named.find((name) => !isReadable(url.searchParams.get(name) ?? ''));
  if (unread !== undefined) return `${unread} must be a file that can be read`;
  if (named.length > 0 && !secure.includes(url.protocol))
    return `${named.join(' and ')} need ${secure.map((protocol) => `${protocol}//`).join(' or ')}`;
  if (kind === 'postgres') return modeProblem(url.searchParams, named);
  if (named.includes('apikeyfile') && url.username !== '') return 'apikeyfile says already who we are';
  return undefined;
}

/** TLS that believes whoever answers is none; what lies between would be taken for more than it is. */
function modeProblem(parameters: URLSearchParams, named: readonly string[]): string | undefined {
  const mode = parameters.get('sslmode');
  if (parameters.has('ssl') || parameters.has('uselibpqcompat'))
    return 'TLS is asked for by sslmode=verify-full';
  if (mode !== null && mode !== 'verify-full' && mode !== 'disable')
    return 'sslmode must be verify-full or disable';
  if (named.length > 0 && mode !== 'verify-full') return `${named.join(' and ')} need sslmode=verify-full`;
  if (named.includes('sslcert') !== named.includes('sslkey')) return 'sslcert and sslkey need each other';
  return undefined;
}

/**
 * For clients that know nothing of the files.
 * @throws RangeError where {@link addressProblem} names a problem.
 */
export function openAddress(kind: StoreKind, address: string): StoreAddress {
  const problem = addressProblem(kind, address);
  if (problem !== undefined) throw new RangeError(`the address of ${kind} cannot be used: ${problem}`);
  const url = new URL(address);
  const contentOf = (name: string): string | undefined => {
    const path = url.searchParams.get(name);
    url.searchParams.delete(name);
    return path === null ? undefined : readFileSync(path, 'utf8');
  };
  const ca = contentOf('sslrootcert');
  const apiKey = contentOf('apikeyfile')?.trim();
  return { url: url.href, ca, apiKey };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
