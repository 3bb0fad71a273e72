import { isIP } from 'node:net';
import { z } from 'zod';

const durationMs = z.coerce.number().int().min(1).max(3_600_000);
const count = z.coerce.number().int().min(1);

/** `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((written) => written === 'true');

/** Addresses and networks, joined by commas: `10.0.0.7,192.168.0.0/16,::1`. */
const networks = z
  .string()
  .transform((list) => list.split(',').map((network) => network.trim()))
  .refine((list) => list.every(isNetwork), 'must be addresses or networks, as 10.0.0.7 or 10.0.0.0/8');

/** Who is let in, and how much of what. */
export const doorSettings = {
  REPRISE_AUTH: z
    .enum(['development', 'jwt'])
    .optional()
    .describe(
      'Who is let in: holders of access tokens (jwt), or everybody (development). Default on a loopback address: development',
    ),
  REPRISE_DEVELOPMENT_EXPOSED: flag
    .default(false)
    .describe(
      'true: development mode may listen beyond loopback, as in a container whose port is published there',
    ),
  REPRISE_AUTH_ISSUER: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Issuer of access tokens, as their iss names it'),
  REPRISE_AUTH_AUDIENCE: z
    .string()
    .min(1)
    .optional()
    .describe('Whom access tokens must be for, as their aud'),
  REPRISE_AUTH_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Where the issuer's keys are. Default: as its OIDC discovery document says"),
  REPRISE_AUTH_CLOCK_TOLERANCE_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(300_000)
    .default(30_000)
    .describe("How far the issuer's clock may be from ours, in milliseconds"),
  REPRISE_RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Requests of one client in a minute; 0: any number. Default: 6000, in development mode any number',
    ),
  REPRISE_TRUSTED_PROXIES: networks
    .default([])
    .describe(
      'Proxies whose X-Forwarded-For is believed, as addresses or networks joined by commas. Default: none',
    ),
  REPRISE_MAX_CONNECTIONS: count.default(2_000).describe('Connections at once; beyond it they are closed'),
  REPRISE_MAX_BODY_BYTES: count
    .max(64 << 20)
    .default(1 << 20)
    .describe('Largest body of a request, in bytes; batches have limits of their own'),
  REPRISE_HEADERS_TIMEOUT_MS: durationMs
    .default(10_000)
    .describe("Longest time for a request's headers to come, in milliseconds"),
  REPRISE_BODY_TIMEOUT_MS: durationMs
    .default(30_000)
    .describe(
      "Longest time for a request's body to come, in milliseconds; batches have a limit of their own",
    ),
  REPRISE_BATCH_TIMEOUT_MS: durationMs
    .default(600_000)
    .describe('Longest time for a batch to come, in milliseconds'),
};

export type DoorSettings = {
  readonly [Name in keyof typeof doorSettings]: z.output<(typeof doorSettings)[Name]>;
};

/** What holds where nothing is said. */
export const doorDefaults = z.object(doorSettings).parse({});

/** Who is let in. */
export type AuthMode =
  | { readonly kind: 'development' }
  | {
      readonly kind: 'jwt';
      readonly issuer: string;
      readonly audience: string;
      readonly jwksUrl: string | undefined;
      readonly clockToleranceMs: number;
    };

/** @throws RangeError where {@link doorProblems} names a problem. */
export function authModeOf(settings: Partial<DoorSettings>): AuthMode {
  if (settings.REPRISE_AUTH !== 'jwt') return { kind: 'development' };
  const { REPRISE_AUTH_ISSUER: issuer, REPRISE_AUTH_AUDIENCE: audience } = settings;
  if (issuer === undefined || audience === undefined)
    throw new RangeError('the issuer of tokens is not known');
  const { REPRISE_AUTH_JWKS_URL: jwksUrl, REPRISE_AUTH_CLOCK_TOLERANCE_MS: clockToleranceMs = 30_000 } =
    settings;
  return { kind: 'jwt', issuer, audience, jwksUrl, clockToleranceMs };
}

/** What is wrong with settings that are each right by themselves, by the setting that has to change. */
export function doorProblems(
  settings: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string])[] {
  const host = settings['REPRISE_HOST'];
  // A tool that listens nowhere has no door.
  if (typeof host !== 'string') return [];
  return settings['REPRISE_AUTH'] === 'jwt' ? tokenProblems(settings) : developmentProblems(settings, host);
}

function tokenProblems(settings: Readonly<Record<string, unknown>>): [string, string][] {
  const missing = ['REPRISE_AUTH_ISSUER', 'REPRISE_AUTH_AUDIENCE'].filter(
    (name) => settings[name] === undefined,
  );
  const clear = ['REPRISE_AUTH_ISSUER', 'REPRISE_AUTH_JWKS_URL'].filter((name) => isClear(settings[name]));
  return [
    ...missing.map((name): [string, string] => [name, 'is needed beside REPRISE_AUTH=jwt']),
    ...clear.map((name): [string, string] => [name, 'must be https, but for a loopback address']),
    ...(settings['REPRISE_DEVELOPMENT_EXPOSED'] === true
      ? [
          ['REPRISE_DEVELOPMENT_EXPOSED', 'says nothing beside REPRISE_AUTH=jwt: leave it out'] as [
            string,
            string,
          ],
        ]
      : []),
  ];
}

function developmentProblems(settings: Readonly<Record<string, unknown>>, host: string): [string, string][] {
  const forTokens = ['REPRISE_AUTH_ISSUER', 'REPRISE_AUTH_AUDIENCE', 'REPRISE_AUTH_JWKS_URL'].filter(
    (name) => settings[name] !== undefined,
  );
  return [
    ...forTokens.map((name): [string, string] => [name, 'is heeded with REPRISE_AUTH=jwt only']),
    ...openDoor(settings, host),
  ];
}

/** Nobody is let in from beyond this machine without being asked who they are, unless that was said twice. */
function openDoor(settings: Readonly<Record<string, unknown>>, host: string): [string, string][] {
  if (isLoopback(host)) return [];
  if (settings['REPRISE_AUTH'] === undefined)
    return [['REPRISE_AUTH', `must be set to listen on ${host}, which is no loopback address: jwt`]];
  if (settings['REPRISE_DEVELOPMENT_EXPOSED'] === true) return [];
  return [
    [
      'REPRISE_AUTH',
      `must not be development on ${host}, which is no loopback address: whoever reaches it could do everything. ` +
        'Use jwt, or set REPRISE_DEVELOPMENT_EXPOSED=true where nobody else can reach it',
    ],
  ];
}

/** True for an address that a stranger on the way could answer for. */
function isClear(address: unknown): boolean {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  return url?.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'));
}

function isNetwork(written: string): boolean {
  const [address = '', prefix, ...rest] = written.split('/');
  const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (longest === 0 || rest.length > 0) return false;
  // A network of everybody is a list that was not thought about.
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= longest);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
