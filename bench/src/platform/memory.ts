import { readFileSync, writeFileSync } from 'node:fs';

/** A process's memory, as Linux tells of it. */
export interface Memory {
  /** Counts the peak from now on. */
  reset(): void;
  /** Most that it held at once since, in MiB. */
  peakMiB(): number;
}

/** Undefined where the system does not tell. */
export function memoryOf(pid: number | undefined): Memory | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  return {
    reset: () => {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    },
    peakMiB: () => {
      const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Math.round(Number(kibibytes ?? 0) / 1_024);
    },
  };
}
