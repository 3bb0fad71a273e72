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
  private constructor(private readonly id: { readonly uid: number; readonly gid: number } | undefined) {}

  static find(): UnprivilegedUser {
    return new UnprivilegedUser(process.getuid?.() === 0 ? nobody() : undefined);
  }

  /** Owner of the user's folders; undefined: whoever makes them. */
  get owner(): { readonly uid: number; readonly gid: number } | undefined {
    return this.id;
  }

  /** @param folder the data folder; where the user may not reach it or the program (a checkout under /root), it is given that right. */
  invoke(command: string, args: readonly string[], folder: string): Invocation {
    const { id } = this;
    if (!id) return { command, args };
    const reaches = (flag: string, path: string): boolean =>
      spawnSync('test', [flag, path], { ...id, cwd: '/' }).status === 0;
    if (reaches('-x', command) && reaches('-w', folder)) return { command, args, ...id };
    const rights = '+dac_override,+dac_read_search';
    const prefix = ['--reuid', String(id.uid), '--regid', String(id.gid), '--clear-groups'];
    // access(2) forgets such rights unless this bit is set, and initdb asks it whether postgres may be run.
    const flags = ['--securebits=+no_setuid_fixup', `--inh-caps=${rights}`, `--ambient-caps=${rights}`];
    return { command: 'setpriv', args: [...prefix, ...flags, command, ...args] };
  }
}

function nobody(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new StartFailure(
      'PostgreSQL and Elasticsearch refuse to run as root, and there is no user nobody: run as an ordinary user.',
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}
