import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { StartFailure } from './failure.js';

/** Where each engine listens, counted from the port base. */
export const enginePorts = {
  kafka: 21,
  kafkaController: 22,
  registry: 23,
  postgres: 24,
  redis: 25,
  elasticsearch: 26,
  elasticsearchTransport: 27,
  registryManagement: 28,
} as const;

/** @throws StartFailure naming the first port that is taken and, where it can be known, by whom. */
export async function requireFreePorts(portBase: number, offsets: readonly number[]): Promise<void> {
  for (const offset of offsets) {
    const port = portBase + offset;
    if (await isFree(port)) continue;
    throw new StartFailure(
      `Port ${port} is taken${holderOf(port)}: stop that, or choose other ports with --port-base.`,
    );
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Linux only: the process that listens on the port, as ` by process <n> (<command>)`. */
function holderOf(port: number): string {
  try {
    const inode = listenerInode(port);
    const pid = inode === undefined ? undefined : pidWithSocket(inode);
    if (pid === undefined) return '';
    // The name alone says little: for Node it is that of a thread.
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 120);
    return ` by process ${pid} (${command})`;
  } catch {
    return '';
  }
}

function listenerInode(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const listening = '0A';
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === listening) return fields[9];
    }
  }
  return undefined;
}

function pidWithSocket(inode: string): string | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some(
          (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
        );
      } catch {
        return false;
      }
    });
}
