import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Passwords made on this machine for this state folder alone; readable by its owner only. */
export class Secrets {
  private readonly file: string;

  constructor(stateDir: string) {
    this.file = join(stateDir, 'secrets.json');
    mkdirSync(stateDir, { recursive: true });
  }

  /** The password of this name; made at its first use. */
  password(name: string): string {
    const known = this.read();
    const found = known[name];
    if (found !== undefined) return found;
    const made = randomBytes(18).toString('base64url');
    writeFileSync(this.file, JSON.stringify({ ...known, [name]: made }, null, 2), { mode: 0o600 });
    return made;
  }

  private read(): Record<string, string> {
    if (!existsSync(this.file)) return {};
    const parsed: unknown = JSON.parse(readFileSync(this.file, 'utf8'));
    return Object.fromEntries(Object.entries(parsed ?? {}).map(([name, value]) => [name, String(value)]));
  }
}
