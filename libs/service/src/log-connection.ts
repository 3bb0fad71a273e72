import { accessSync, constants, readFileSync } from 'node:fs';
import type { LogConnection } from '@reprise/log';
import { z } from 'zod';
import { flag } from './doors/settings.js';

/** A file that we can read. Its content is read when it is needed, so that it is never among the settings. */
export const readableFile = z.string().refine(isReadable, 'must be a file that can be read');

const text = z.string().min(1);

/** How the log is reached where not everybody on the way may be trusted. */
export const logSecuritySettings = {
  REPRISE_KAFKA_TLS: flag.default(false).describe('true: the brokers are reached by TLS'),
  REPRISE_KAFKA_CA_FILE: readableFile
    .optional()
    .describe('Certificates (PEM) by which brokers are believed. Default: those that Node knows'),
  REPRISE_KAFKA_CERT_FILE: readableFile
    .optional()
    .describe('Our own certificate (PEM), for brokers that ask for one'),
  REPRISE_KAFKA_KEY_FILE: readableFile.optional().describe('The key (PEM) of our own certificate'),
  REPRISE_KAFKA_SASL: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('How we tell the brokers who we are. Default: not at all'),
  REPRISE_KAFKA_USERNAME: text.optional().describe('Who we are to the brokers'),
  REPRISE_KAFKA_PASSWORD: text.optional().describe('Our password at the brokers'),
  REPRISE_REGISTRY_CA_FILE: readableFile
    .optional()
    .describe('Certificates (PEM) by which the registry is believed. Default: those that Node knows'),
  REPRISE_REGISTRY_USERNAME: text.optional().describe('Who we are to the registry'),
  REPRISE_REGISTRY_PASSWORD: text.optional().describe('Our password at the registry'),
};

export type LogSecuritySettings = {
  readonly [Name in keyof typeof logSecuritySettings]: z.output<(typeof logSecuritySettings)[Name]>;
};

/** How these settings say that the log is to be reached. `clientId` names this process to the broker. */
export function logConnection(
  settings: Partial<LogSecuritySettings> & {
    readonly REPRISE_KAFKA_BROKERS: readonly string[];
    readonly REPRISE_REGISTRY_URL: string;
  },
  clientId: string,
): LogConnection {
  const {
    REPRISE_KAFKA_SASL: mechanism,
    REPRISE_KAFKA_USERNAME: username = '',
    REPRISE_KAFKA_PASSWORD: password = '',
    REPRISE_REGISTRY_CA_FILE: registryCa,
    REPRISE_REGISTRY_USERNAME: registryUsername,
    REPRISE_REGISTRY_PASSWORD: registryPassword = '',
  } = settings;
  return {
    brokers: settings.REPRISE_KAFKA_BROKERS,
    registryUrl: settings.REPRISE_REGISTRY_URL,
    clientId,
    ...(settings.REPRISE_KAFKA_TLS === true && { tls: tlsOf(settings) }),
    ...(mechanism && { sasl: { mechanism, username, password } }),
    ...(registryCa !== undefined && { registryCa: readFileSync(registryCa, 'utf8') }),
    ...(registryUsername !== undefined && {
      registryAuth: { username: registryUsername, password: registryPassword },
    }),
  };
}

function tlsOf({
  REPRISE_KAFKA_CA_FILE: ca,
  REPRISE_KAFKA_CERT_FILE: cert,
  REPRISE_KAFKA_KEY_FILE: key,
}: Partial<LogSecuritySettings>): NonNullable<LogConnection['tls']> {
  return {
    ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
    ...(cert !== undefined && { cert: readFileSync(cert, 'utf8') }),
    ...(key !== undefined && { key: readFileSync(key, 'utf8') }),
  };
}

/** Each needs the other beside it. */
const pairs = [
  ['REPRISE_KAFKA_CERT_FILE', 'REPRISE_KAFKA_KEY_FILE'],
  ['REPRISE_KAFKA_SASL', 'REPRISE_KAFKA_USERNAME'],
  ['REPRISE_KAFKA_SASL', 'REPRISE_KAFKA_PASSWORD'],
  ['REPRISE_REGISTRY_USERNAME', 'REPRISE_REGISTRY_PASSWORD'],
] as const;
const tlsOnly = ['REPRISE_KAFKA_CA_FILE', 'REPRISE_KAFKA_CERT_FILE', 'REPRISE_KAFKA_KEY_FILE'] as const;

/** What is wrong with settings that are each right by themselves, by the setting that has to change. */
export function logProblems(
  settings: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string])[] {
  const isGiven = (name: string): boolean => settings[name] !== undefined;
  const isTls = settings['REPRISE_KAFKA_TLS'] === true;
  const halves = pairs.flatMap(([one, other]): [string, string][] => {
    if (isGiven(one) === isGiven(other)) return [];
    const [given, missing] = isGiven(one) ? [one, other] : [other, one];
    return [[missing, `is needed beside ${given}`]];
  });
  const unheeded = tlsOnly
    .filter((name) => !isTls && isGiven(name))
    .map((name): [string, string] => [name, 'is heeded with REPRISE_KAFKA_TLS=true only']);
  return [...halves, ...unheeded, ...clearWays(settings, isTls)];
}

/** Passwords are not sent where anybody on the way could read them. */
function clearWays(settings: Readonly<Record<string, unknown>>, isTls: boolean): [string, string][] {
  const registry = settings['REPRISE_REGISTRY_URL'];
  const isHttps = typeof registry === 'string' && registry.startsWith('https:');
  const forHttps = ['REPRISE_REGISTRY_CA_FILE', 'REPRISE_REGISTRY_PASSWORD'].filter(
    (name) => !isHttps && settings[name] !== undefined,
  );
  return [
    ...(settings['REPRISE_KAFKA_SASL'] === 'plain' && !isTls
      ? [
          ['REPRISE_KAFKA_TLS', 'must be true beside REPRISE_KAFKA_SASL=plain, which sends the password'] as [
            string,
            string,
          ],
        ]
      : []),
    ...forHttps.map((name): [string, string] => [name, 'needs an https address in REPRISE_REGISTRY_URL']),
  ];
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
