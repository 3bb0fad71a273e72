import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const niceness = 5;

/** An engine that comes back needs a small machine more than the services do that wait for it. */
export function yieldToOthers(pid: number): void {
  try {
    setPriority(pid, niceness);
    // Linux weighs sessions first, if it groups by them, and processes only within their session.
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It ended already, or this system has no such groups: nothing depends on it but the pace.
  }
}
