import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { StartFailure } from './failure.js';

/** A command as some user runs it. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * PostgreSQL and Elasticsearch refuse to run as root. As root, they run as `nobody`; as anyone else, as ourselves.
 */
export class UnprivilegedUser {
  private constructor(
    private readonly id: { readonly uid: number; readonly gid: number } | undefined,
    private readonly overridesPermissions: boolean,
  ) {}

  /** @param paths what the user has to read; where it may not (a checkout under /root), it is given that right alone. */
  static find(paths: readonly string[]): UnprivilegedUser {
    if (process.getuid?.() !== 0) return new UnprivilegedUser(undefined, false);
    const id = nobody();
    const readable = paths.every((path) => spawnSync('test', ['-r', path], id).status === 0);
    return new UnprivilegedUser(id, !readable);
  }

  /** Owner of the user's folders; undefined: whoever makes them. */
  get owner(): { readonly uid: number; readonly gid: number } | undefined {
    return this.id;
  }

  invoke(command: string, args: readonly string[]): Invocation {
    if (!this.id) return { command, args };
    if (!this.overridesPermissions) return { command, args, ...this.id };
    const rights = '+dac_override,+dac_read_search';
    const prefix = ['--reuid', String(this.id.uid), '--regid', String(this.id.gid), '--clear-groups'];
    return { command: 'setpriv', args: [...prefix, `--inh-caps=${rights}`, `--ambient-caps=${rights}`, command, ...args] };
  }
}

function nobody(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new StartFailure('PostgreSQL and Elasticsearch refuse to run as root, and there is no user nobody: run as an ordinary user.');
  }
  return { uid: Number(uid), gid: Number(gid) };
}
