import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@reprise/kernel';
import { Unavailable } from '../recorder.js';

const run = promisify(execFile);
const longest = { maxBuffer: 1 << 24 };

/** Fills a folder once; a try that is cut off leaves nothing. @throws Unavailable with the reason. */
export async function madeOnce(folder: string, make: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const partial = mkdtempSync(`${folder}-`);
  try {
    await make(partial);
    renameSync(partial, folder);
    return folder;
  } catch (failure) {
    throw new Unavailable(firstReason(messageOf(failure)));
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** All that a pom names, with what that needs, as jars. */
export async function fetchJars(pom: string, folder: string): Promise<void> {
  await maven([
    '-f',
    pom,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${folder}`,
  ]);
}

/** One artifact as `group:name:version:type:classifier`. */
export async function fetchArtifact(artifact: string, folder: string): Promise<void> {
  await maven(['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
}

export async function compile(source: string, { jars, folder }: { jars: readonly string[]; folder: string }) {
  await run('javac', ['-d', folder, '-cp', jars.map((path) => join(path, '*')).join(':'), source], longest);
}

export async function unpack(archive: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', folder]);
}

export async function pack(jar: string, classes: string): Promise<void> {
  await run('jar', ['cf', jar, '-C', classes, '.']);
}

export interface JavaProgram {
  readonly classPath: readonly string[];
  readonly args: readonly string[];
  /** Of the JVM. */
  readonly flags: readonly string[];
  readonly logFile: string;
  readonly stop: AbortSignal;
}

export function launchJava({ classPath, args, flags, logFile, stop }: JavaProgram): ChildProcess {
  const log = openSync(logFile, 'w');
  return spawn('java', [...flags, '-cp', classPath.join(':'), ...args], {
    stdio: ['ignore', log, log],
    signal: stop,
  });
}

/** Its exit code; null when it was killed. */
export function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

async function maven(args: readonly string[]): Promise<void> {
  await run('mvn', ['-B', '-q', ...args], longest);
}

function firstReason(message: string): string {
  return (message.split('\n').find((line) => line.includes('ERROR')) ?? message.split('\n')[0] ?? '').slice(
    0,
    200,
  );
}
