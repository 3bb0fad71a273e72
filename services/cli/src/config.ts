import { userInfo } from 'node:os';
import { z } from 'zod';

const environment = z.object({
  REPRISE_CONTROL_URL: z
    .string()
    .min(1)
    .default('http://127.0.0.1:7400')
    .describe('Address of the control plane'),
  REPRISE_ACTOR: z
    .string()
    .min(1)
    .optional()
    .describe('Who asks, in development mode; default: the name of the user'),
  REPRISE_TOKEN: z.string().min(1).optional().describe('Access token of whoever asks'),
});

export interface CliConfig {
  readonly controlUrl: string;
  readonly actor: string;
  readonly token?: string;
}

/** What the environment says; options of the command line come before it. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): CliConfig {
  const { REPRISE_CONTROL_URL, REPRISE_ACTOR, REPRISE_TOKEN: token } = environment.parse(variables);
  const actor = REPRISE_ACTOR ?? userName();
  return { controlUrl: REPRISE_CONTROL_URL, actor, ...(token !== undefined && { token }) };
}

/** A process may run under a user that the system has no name for. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'anonymous';
  }
}
