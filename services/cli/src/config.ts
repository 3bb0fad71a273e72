import { userInfo } from 'node:os';
import { z } from 'zod';

const environment = z.object({
  REPRISE_CONTROL_URL: z
    .string()
    .min(1)
    .default('http://127.0.0.1:7400')
    .describe('Address of the control plane'),
  REPRISE_ACTOR: z.string().min(1).optional().describe('Who asks; default: the name of the user'),
});

export interface CliConfig {
  readonly controlUrl: string;
  readonly actor: string;
}

/** What the environment says; options of the command line come before it. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): CliConfig {
  const { REPRISE_CONTROL_URL, REPRISE_ACTOR } = environment.parse(variables);
  return { controlUrl: REPRISE_CONTROL_URL, actor: REPRISE_ACTOR ?? userName() };
}

/** A process may run under a user that the system has no name for. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'anonymous';
  }
}
