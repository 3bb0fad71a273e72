import { spawnSync, type StdioOptions } from 'node:child_process';
import { StartFailure } from '../failure.js';

const pnpm = 'pnpm@12.21.0';

/**
 * Links what a new package imports and writes it into the lockfile; from pnpm's own store where that has everything, which is
 * the rule, as the other views use the same packages.
 */
export function installPackages(root: string): void {
  const flags = ['install', '--no-frozen-lockfile', '--reporter=silent'];
  const found = pnpmStatus(root, [...flags, '--offline']);
  // Null: it was interrupted, so it is not tried again.
  const status = found === 0 || found === null ? found : pnpmStatus(root, flags);
  if (status !== 0) throw new StartFailure('pnpm could not install the new package.');
}

function pnpmStatus(root: string, args: readonly string[]): number | null {
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  return spawnSync('npx', ['-y', pnpm, ...args], { cwd: root, stdio }).status;
}
