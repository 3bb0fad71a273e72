import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Report } from './report.js';

const carrier = 'QW';
const date = '2014-06-01';
/** Then another airport begins, as pages of answers are limited. */
const flightsOfSeries = 300;
const everyMs = 600;

/**
 * Schedules flights 1, 2, 3 … from an airport where nothing ever goes away, and puts the first of them off every time: what
 * any view shows of that airport may only grow, over flips, rollbacks, crashes and restarts.
 */
export class Witness {
  private stopped = false;
  private written = 0;
  private readonly running: Promise<void>;

  constructor(
    /** Base address of the command service. */
    private readonly url: string,
    private readonly report: Report,
  ) {
    this.running = this.write();
  }

  /** Of the series that is being written: `ZAA`, `ZAB` … */
  get airport(): string {
    const series = Math.floor(this.written / flightsOfSeries);
    return `Z${letter(Math.floor(series / 26))}${letter(series)}`;
  }

  /** The one that is put off again and again. */
  get firstFlight(): string {
    return `${date}-${carrier}1-${this.airport}`;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async write(): Promise<void> {
    while (!this.stopped) {
      const number = (this.written % flightsOfSeries) + 1;
      await this.schedule(number, 0);
      await this.schedule(1, number % 60);
      this.written += 1;
      await pause(everyMs);
    }
  }

  private async schedule(number: number, minute: number): Promise<void> {
    const scheduledDeparture = `${date}T12:${String(minute).padStart(2, '0')}:00Z`;
    const flight = { carrier, number, origin: this.airport, destination: 'QQQ', date, scheduledDeparture };
    const id = randomUUID();
    while (!this.stopped) {
      const status = await this.post(id, flight);
      if (status === 200 || status === 201 || status === 202) return;
      if (status !== undefined && status < 500) {
        this.report.finding(`scheduling flight ${number} of ${this.airport} was answered ${status}`);
        return;
      }
      await pause(200);
    }
  }

  /** The status of the answer, if there was one. */
  private async post(id: string, flight: object): Promise<number | undefined> {
    try {
      const response = await fetch(`${this.url}/flights`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': id },
        body: JSON.stringify(flight),
        signal: AbortSignal.timeout(30_000),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      // The service is away, or died under it: sent again with the same key.
      return undefined;
    }
  }
}

function letter(index: number): string {
  return String.fromCharCode(65 + (index % 26));
}
