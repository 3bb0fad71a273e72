const flight = { carrier: 'ZZ', number: 9_999, origin: 'TST', destination: 'QQQ' };
const flightId = '2014-12-31-ZZ9999-TST';

/** Reschedules one flight of its own again and again, so that the log moves while flips are measured; then removes it. */
export class SteadyWriter {
  private stopped = false;
  private readonly writing: Promise<void>;

  constructor(
    private readonly commands: string,
    private readonly perSecond: number,
  ) {
    this.writing = perSecond > 0 ? this.write() : Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.writing;
    if (this.perSecond > 0) await fetch(`${this.commands}/flights/${flightId}`, { method: 'DELETE' });
  }

  private async write(): Promise<void> {
    for (let minute = 0; !this.stopped; minute = (minute + 1) % 60) {
      const time = `12:${String(minute).padStart(2, '0')}`;
      const body = JSON.stringify({ ...flight, scheduledDeparture: `2014-12-31T${time}:00-05:00` });
      const headers = { 'content-type': 'application/json' };
      const { ok, status } = await fetch(`${this.commands}/flights`, { method: 'POST', body, headers });
      if (!ok) throw new Error(`a flight could not be scheduled: ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 1_000 / this.perSecond));
    }
  }
}
