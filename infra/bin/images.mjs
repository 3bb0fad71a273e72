// `pnpm images`: builds the image of all services. Needs nothing but Docker with Compose.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const version = process.env.REPRISE_VERSION ?? '0.1.0';
const git = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' });
const revision = git.status === 0 ? git.stdout.trim() : 'unknown';

const { status, error } = spawnSync('docker', ['compose', 'build', ...process.argv.slice(2), 'provision'], {
  cwd: root,
  stdio: 'inherit',
  // The Compose file wants a password for everything else that it describes; the image has none in it.
  env: { POSTGRES_PASSWORD: 'unused', REPRISE_REVISION: revision, ...process.env },
});
if (error) console.error(`docker could not be run: ${error.message}`);
if (status === 0)
  spawnSync('docker', ['image', 'ls', `reprise/services:${version}`], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
