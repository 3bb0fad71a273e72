import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError } from './control-plane-client.js';
import type { Session } from './session.js';

/** A program of a command service for its write store, and where its settings are. */
export interface StoreTool {
  readonly service: string;
  readonly program: string;
  /** Settings as `npm start` wrote them; undefined: those of the environment. */
  readonly settings: string | undefined;
}

/** What `--settings` is for. */
export const settingsHelp =
  'of a command service, as NAME=value; default: as npm start wrote them, or the environment';

/** `reprise recover`: rebuilds the write store of a command service from its topics. */
export function addRecovery(root: Command, session: () => Session): void {
  root
    .command('recover')
    .description(
      'rebuild the empty write store of a command service from its topics; stop the service and its relay first',
    )
    .argument('<service>', 'name of the command service, as flight-commands')
    .option('--anew', 'forget what an interrupted recovery has read; default: go on with it', false)
    .option('--settings <file>', settingsHelp)
    .action(async (service: string, { anew, settings }: { anew: boolean; settings?: string }) => {
      const tool = storeToolOf(service, { settings });
      if (!tool) throw new CliError(`${service} has no write store that could be recovered.`);
      await runTool(tool, ['recover', ...(anew ? ['--anew'] : []), ...(session().json ? ['--json'] : [])]);
    });
}

/** Undefined when it is no command service of the checkout. `settings`: a file; default: the one that `npm start` wrote. */
export function storeToolOf(
  service: string,
  { checkout = ownCheckout(), settings }: { checkout?: string; settings?: string | undefined } = {},
): StoreTool | undefined {
  if (!/^[a-z][a-z0-9-]*$/.test(service)) return undefined;
  const program = join(checkout, 'services', service, 'dist/store.main.js');
  if (!existsSync(program)) return undefined;
  const written = join(checkout, '.reprise/settings', `${service}.env`);
  return { service, program, settings: settings ?? (existsSync(written) ? written : undefined) };
}

/** @throws CliError when it does not end well; it has said why. */
export async function runTool(
  { service, program, settings }: StoreTool,
  args: readonly string[],
): Promise<void> {
  // What the environment says comes before what the file says.
  const flags = settings === undefined ? [] : [`--env-file=${settings}`];
  const child = spawn(process.execPath, [...flags, program, ...args], { stdio: 'inherit' });
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  if (code !== 0) throw new CliError(`${args[0] ?? ''} ${service} did not end well.`);
}

function ownCheckout(): string {
  return resolve(import.meta.dirname, '../../..');
}
