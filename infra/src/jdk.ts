import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from './failure.js';

const oldest = 21;

/** Home folder of a JDK that is new enough: JAVA_HOME, the one on the PATH, or the newest installed. */
export function findJdk(): string {
  const candidates = [process.env['JAVA_HOME'], homeOnPath(), ...installed()];
  for (const home of candidates) if (home !== undefined && majorVersion(home) >= oldest) return home;
  throw new StartFailure(
    `No JDK ${oldest} or newer was found: install one (Debian: apt-get install openjdk-21-jdk-headless; macOS: brew install openjdk) or set JAVA_HOME.`,
  );
}

function homeOnPath(): string | undefined {
  // Which of the two streams it prints to depends on its version.
  const { stdout, stderr } = spawnSync('java', ['-XshowSettings:properties', '-version'], {
    encoding: 'utf8',
  });
  return /java\.home = (.+)/.exec(`${stdout}${stderr}`)?.[1]?.trim();
}

function installed(): string[] {
  const parents = ['/usr/lib/jvm', '/opt/java', '/opt/homebrew/opt', '/Library/Java/JavaVirtualMachines'];
  const homes = parents
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
    .flatMap((home) => [home, join(home, 'Contents/Home'), join(home, 'libexec/openjdk.jdk/Contents/Home')])
    .filter((home) => existsSync(join(home, 'bin/java')));
  return homes.toSorted((left, right) => majorVersion(right) - majorVersion(left));
}

/** 0 when it is no JDK: `jar` is needed to unpack what is fetched. */
function majorVersion(home: string): number {
  if (!existsSync(join(home, 'bin/jar'))) return 0;
  try {
    const text = execFileSync(join(home, 'bin/java'), ['--version'], { encoding: 'utf8' });
    return Number(/\s(\d+)/.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
