import { spawn, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A fenced block of a page: what to run, or a file to write. */
export interface Block {
  readonly language: string;
  /** The word after the language: a path, or where a command belongs; empty when there is none. */
  readonly label: string;
  readonly text: string;
}

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(
    ([, language = '', label = '', text = '']) => ({ language, label, text }),
  );
}

/** The files of this checkout, with what is not committed yet, in a folder of their own; nothing in it is shared. */
export class ScratchCheckout {
  private constructor(readonly root: string) {}

  static of(root: string): ScratchCheckout {
    const scratch = new ScratchCheckout(mkdtempSync(join(tmpdir(), 'reprise-page-')));
    const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
    const names = execFileSync('git', listed, { cwd: root });
    const packed = execFileSync('tar', ['-c', '--null', '--ignore-failed-read', '-T', '-'], {
      cwd: root,
      input: names,
      maxBuffer: 2 ** 30,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    execFileSync('tar', ['-x'], { cwd: scratch.root, input: packed });
    execFileSync('git', ['init', '--quiet'], { cwd: scratch.root });
    return scratch;
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Every path that git would add. */
  paths(): string[] {
    const listed = ['ls-files', '--others', '--exclude-standard'];
    return execFileSync('git', listed, { cwd: this.root, encoding: 'utf8' }).split('\n');
  }

  /** Runs lines as a shell does, up to the first that fails. @throws Error with all that was printed, when one does. */
  async run(lines: string): Promise<string> {
    const child = spawn('sh', ['-e', '-c', lines], { cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const output of [child.stdout, child.stderr])
      output.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`${lines}\nended with ${String(code)}:\n${printed}`);
    return printed;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
