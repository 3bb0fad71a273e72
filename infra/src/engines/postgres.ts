import { execFile } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { reasonOf, StartFailure } from '../failure.js';
import { enginePorts } from '../ports.js';
import { commandOf } from '../process-identity.js';
import type { UnprivilegedUser } from '../unprivileged.js';
import { engineFolder, type EngineSpec } from './engine.js';

const run = promisify(execFile);

/** PostgreSQL with durable settings and password authentication. */
export function postgres(options: {
  readonly dataDir: string;
  readonly portBase: number;
  readonly password: string;
  /** Folder that holds `postgres` and `initdb`. */
  readonly binDir: string;
  readonly user: UnprivilegedUser;
  /** Settings of the server beside or instead of ours, as `ssl`. */
  readonly settings?: Readonly<Record<string, string>>;
}): EngineSpec & { readonly url: string } {
  const { dataDir, portBase, password, binDir, user } = options;
  const url = `postgres://postgres:${password}@127.0.0.1:${portBase + enginePorts.postgres}/postgres`;
  return {
    name: 'postgres',
    url,
    // Fast shutdown: open transactions are rolled back.
    stopSignal: 'SIGINT',
    graceMs: 4_000,
    prepare: async () => {
      const folder = engineFolder(dataDir, user.owner);
      const cluster = join(folder, 'cluster');
      if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise(cluster, options);
      dropForeignLock(join(cluster, 'postmaster.pid'));
      return user.invoke(
        join(binDir, 'postgres'),
        ['-D', cluster, '-k', '', ...settings(portBase, options.settings)],
        folder,
      );
    },
    ready: async () => {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('SELECT 1');
        return true;
      } finally {
        await client.end();
      }
    },
  };
}

async function initialise(
  cluster: string,
  {
    dataDir,
    password,
    binDir,
    user,
  }: { dataDir: string; password: string; binDir: string; user: UnprivilegedUser },
): Promise<void> {
  rmSync(cluster, { recursive: true, force: true });
  const passwordFile = join(dataDir, 'initial-password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user.owner) chownSync(passwordFile, user.owner.uid, user.owner.gid);
  try {
    const flags = [
      '-D',
      cluster,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C',
    ];
    const { command, args, uid, gid } = user.invoke(join(binDir, 'initdb'), flags, dataDir);
    await run(command, [...args], {
      cwd: dataDir,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
  } catch (failure) {
    throw new StartFailure(`PostgreSQL could not make its data folder. ${reasonOf(failure)}`);
  } finally {
    rmSync(passwordFile);
  }
}

/**
 * After a crash PostgreSQL finds its lock file stale by itself, and checks that no orphan still uses the data. All it
 * cannot see is that the id in there was given to another program meanwhile: then the file is taken away.
 */
function dropForeignLock(path: string): void {
  if (!existsSync(path)) return;
  const [holder = ''] = readFileSync(path, 'utf8').split('\n');
  const name = commandOf(Number(holder));
  if (name !== undefined && !name.includes('postgres')) rmSync(path, { force: true });
}

function settings(portBase: number, more: Readonly<Record<string, string>> = {}): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port: portBase + enginePorts.postgres,
    max_connections: 200,
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    ...more,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
