import { z } from 'zod';
import { doorProblems, doorSettings, type DoorSettings } from './doors/settings.js';
import { logProblems, logSecuritySettings, type LogSecuritySettings } from './log-connection.js';
import { rememberSecrets } from './secrets.js';

const port = z.coerce.number().int().min(1).max(65_535);

/** What every process needs to be reached and to be heard. */
export const processSettings = {
  REPRISE_HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  REPRISE_PORT: port.describe('Port to listen on'),
  REPRISE_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe log line written'),
  ...doorSettings,
};

/** What every process needs to use the log. */
export const logSettings = {
  REPRISE_KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .describe('Kafka brokers as host:port, joined by commas'),
  REPRISE_REGISTRY_URL: z.url().describe('Base address of the schema registry (Confluent-compatible API)'),
  ...logSecuritySettings,
};

/** The control plane has it as well: it waits for what is compared. */
export const shadowShare = z.coerce
  .number()
  .min(0)
  .max(1)
  .default(0.1)
  .describe(
    'Share of the queries that is asked of a ready generation as well, 0 to 1, to compare the answers',
  );

export const querySettings = {
  ...processSettings,
  ...logSettings,
  REPRISE_SHADOW_SHARE: shadowShare,
  REPRISE_POSITION_WAIT_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(2_000)
    .describe('Longest time that a query waits for the position that it asks for, in milliseconds'),
  REPRISE_POSITION_WAITERS: z.coerce
    .number()
    .int()
    .min(0)
    .default(500)
    .describe('Queries that may wait for their positions at once; beyond it they are refused at once'),
};

export const builderSettings = {
  ...processSettings,
  ...logSettings,
  REPRISE_WORK_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(1)
    .default(256)
    .describe(
      'Memory for each kind of work on a generation, in megabytes: keys of a bulk load (beyond it the log is read in several passes), what a check compares, fetches',
    ),
};

export interface ProcessSettings extends Partial<DoorSettings> {
  readonly REPRISE_HOST: string;
  readonly REPRISE_PORT: number;
  readonly REPRISE_LOG_LEVEL: 'debug' | 'info' | 'warn' | 'error';
}

export interface BuilderSettings extends ProcessSettings, LogSettings {
  readonly REPRISE_WORK_MEMORY_MB: number;
}

export interface LogSettings extends Partial<LogSecuritySettings> {
  readonly REPRISE_KAFKA_BROKERS: readonly string[];
  readonly REPRISE_REGISTRY_URL: string;
}

export interface QuerySettings extends LogSettings {
  readonly REPRISE_SHADOW_SHARE: number;
  readonly REPRISE_POSITION_WAIT_MS: number;
  readonly REPRISE_POSITION_WAITERS: number;
}

/** Settings that are not what their schema says; `message` names every one of them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads settings from the environment.
 * @throws SettingsError listing every variable that is missing or wrong, with what it is for.
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> {
  const parsed = schema.safeParse(environment);
  const problems = parsed.success
    ? [...doorProblems(parsed.data), ...logProblems(parsed.data), ...unknownSettings(schema, environment)]
    : parsed.error.issues.map((issue) => [issue.path.join('.'), issue.message] as const);
  if (parsed.success && problems.length === 0) return parsed.data;
  const lines = problems.map(([name, problem]) => {
    const purpose = describe(schema.shape[name]);
    return `  ${name}: ${problem}${purpose === undefined ? '' : ` (${purpose})`}`;
  });
  throw new SettingsError(`These settings are missing or wrong:\n${lines.join('\n')}`);
}

/** Of these a misspelt one would leave a door open, or a way in the clear. */
const closed = /^REPRISE_(AUTH|DEVELOPMENT|KAFKA|REGISTRY)(_|$)/;

function unknownSettings(
  { shape }: z.ZodObject,
  environment: Readonly<Record<string, string | undefined>>,
): [string, string][] {
  const families = new Set(Object.keys(shape).flatMap((name) => closed.exec(name)?.[1] ?? []));
  return Object.keys(environment)
    .filter(
      (name) => families.has(closed.exec(name)?.[1] ?? '') && !(name in shape) && !name.endsWith('_PORT'),
    )
    .map((name) => [name, 'is no setting']);
}

/** As {@link parseSettings}, for a process: a problem is printed and ends it with exit code 78 (configuration error). */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.output<z.ZodObject<Shape>> {
  try {
    const settings = parseSettings(schema, environment);
    rememberSecrets(settings);
    return settings;
  } catch (problem) {
    if (!(problem instanceof SettingsError)) throw problem;
    process.stderr.write(`${problem.message}\n`);
    process.exit(78);
  }
}

/** The settings as text for the log, with passwords in addresses and whatever is named a secret left out. */
export function redacted(settings: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      /SECRET|PASSWORD|TOKEN/.test(name) ? '***' : hidePasswords(value),
    ]),
  );
}

function hidePasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidePasswords);
  // Up to the last @: a password may hold one itself.
  return typeof value === 'string'
    ? value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/@]*):.*@/is, '$1:***@')
    : value;
}

function describe(type: unknown): string | undefined {
  return type instanceof z.ZodType ? type.description : undefined;
}
