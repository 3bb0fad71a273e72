/** What a process says of one thing that it depends on or does. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when all is well; rejects with the reason otherwise. */
  check(): Promise<void> | void;
}

export interface HealthReport {
  readonly status: 'ready' | 'not-ready';
  readonly checks: Readonly<Record<string, string>>;
}

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
    const ok = !this.draining && results.every(([, state]) => state === 'ok');
    return {
      status: ok ? 'ready' : 'not-ready',
      checks: Object.fromEntries(this.draining ? [...results, ['drain', 'shutting down']] : results),
    };
  }

  private async run(check: HealthCheck): Promise<[string, string]> {
    const { name } = check;
    try {
      await check.check();
      return [name, 'ok'];
    } catch (reason) {
      return [name, reason instanceof Error ? reason.message : String(reason)];
    }
  }
}
