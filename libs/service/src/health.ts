import { messageOf } from '@reprise/kernel';

/** What a process says of one thing that it depends on or does. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when all is well; rejects with the reason otherwise. */
  check(): Promise<void> | void;
}

/** What a check rejects with when the process is well and there is nothing that it could serve, until somebody acts. */
export class IdleError extends Error {
  override readonly name = 'IdleError';
}

export interface HealthReport {
  /** `idle`: not to be sent work either, and nothing to wait for. */
  readonly status: 'ready' | 'idle' | 'not-ready';
  readonly checks: Readonly<Record<string, string>>;
}

interface CheckResult {
  readonly name: string;
  readonly status: HealthReport['status'];
  readonly said: string;
}

/** The worst first. */
const statuses = ['not-ready', 'idle', 'ready'] as const;

/** The checks of one process. Ready means: may be sent work. */
export class Health {
  private readonly checks: HealthCheck[] = [];
  private draining = false;

  add(check: HealthCheck): void {
    this.checks.push(check);
  }

  /** From now on not ready: no more work is wanted. */
  drain(): void {
    this.draining = true;
  }

  async report(): Promise<HealthReport> {
    const results = await Promise.all(this.checks.map((check) => this.run(check)));
    const draining: CheckResult = { name: 'drain', status: 'not-ready', said: 'shutting down' };
    const all = this.draining ? [...results, draining] : results;
    return {
      status: statuses.find((status) => all.some((result) => result.status === status)) ?? 'ready',
      checks: Object.fromEntries(all.map(({ name, said }) => [name, said])),
    };
  }

  private async run(check: HealthCheck): Promise<CheckResult> {
    const { name } = check;
    try {
      await check.check();
      return { name, status: 'ready', said: 'ok' };
    } catch (reason) {
      return { name, status: reason instanceof IdleError ? 'idle' : 'not-ready', said: messageOf(reason) };
    }
  }
}
