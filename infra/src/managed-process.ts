import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';
import { until } from './wait.js';

export interface LaunchSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Others get the processor first, where both want it. */
  readonly yields?: boolean;
}

/**
 * A child in a process group of its own, so that a Ctrl-C in the terminal reaches only us and we stop it in order.
 * What it prints goes to its log file.
 */
export class ManagedProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  identity: ProcessIdentity | undefined;

  constructor(private readonly spec: LaunchSpec) {}

  get running(): boolean {
    return this.child !== undefined;
  }

  /** `onExit` is called once when the process ends, for whatever reason. */
  launch(onExit: () => void): void {
    const { command, args, cwd, env, logFile, uid, gid, yields } = this.spec;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    const child = spawn(command, [...args], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    closeSync(log);
    this.child = child;
    this.identity = child.pid === undefined ? undefined : identify(child.pid);
    if (yields && child.pid !== undefined) yieldToOthers(child.pid);
    this.exited = new Promise((resolve) => {
      const ended = (): void => {
        if (this.child !== child) return;
        this.child = undefined;
        resolve();
        onExit();
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
  }

  /** Asks it and its group to end; kills them after `graceMs`. */
  async stop(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    signalGroup(pid, signal);
    const timer = setTimeout(() => {
      signalGroup(pid, 'SIGKILL');
    }, graceMs);
    await this.exited;
    clearTimeout(timer);
    // Whatever it left of its own children.
    signalGroup(pid, 'SIGKILL');
  }

  kill(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (pid !== undefined) signalGroup(pid, signal);
  }

  logTail(lines = 15): string {
    if (!existsSync(this.spec.logFile)) return '';
    return readFileSync(this.spec.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}

/** A third of what others get. Where the system allows no such thing, it is like any other. */
const niceness = 5;
const leastUrgent = constants.priority.PRIORITY_LOW;

/** Linux may share the processor among sessions before it looks at processes, and each of ours has its own. */
function yieldToOthers(pid: number): void {
  for (const lower of [
    () => {
      setPriority(pid, Math.min(leastUrgent, getPriority(pid) + niceness));
    },
    () => {
      writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
    },
  ])
    try {
      lower();
    } catch {
      // It has ended already, or there are no such groups.
    }
}

/** Stops a process that an earlier run left behind, and its group. Does nothing when it is gone. */
export async function stopLeftOver(
  identity: ProcessIdentity,
  { signal = 'SIGTERM', graceMs = 8_000 }: { signal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<void> {
  if (!isAlive(identity)) return;
  signalGroup(identity.pid, signal);
  if (await until(() => !isAlive(identity), { limitMs: graceMs })) return;
  signalGroup(identity.pid, 'SIGKILL');
  await until(() => !isAlive(identity), { limitMs: 5_000 });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone.
  }
}
