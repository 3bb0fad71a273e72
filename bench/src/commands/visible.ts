import { idOf, scheduledFlight } from './flights.js';
import { HttpClient } from './http-client.js';

/** A view that is asked for what was just written. */
export interface VisibleSubject {
  readonly view: string;
  readonly store: string;
  /** An address whose answer needs the flight's rows. */
  readonly urlOf: (flightId: string) => string;
  /** True when the answer shows the flight; undefined: the answer cannot tell. */
  readonly shows?: (answer: { readonly status: number; readonly text: string }, flightId: string) => boolean;
}

export interface VisibleTimes {
  readonly subject: VisibleSubject;
  /** From the answer of the command to the answer of the query that had to show it, in milliseconds. */
  readonly timesMs: readonly number[];
  /** Queries that were refused, because the view did not get there in time. */
  readonly refused: number;
  /** Answers that did not show what they had to. */
  readonly stale: number;
  /** Commands answered before they were published, as that took too long: nothing was asked. */
  readonly late: number;
}

/** Until every view shows a command that is sent now: what was written before is taken in by then. */
export async function caughtUp(
  commandsUrl: string,
  subjects: readonly VisibleSubject[],
  carrier: string,
): Promise<void> {
  const http = new HttpClient(1);
  try {
    const flight = scheduledFlight(carrier, 0);
    const headers = { 'content-type': 'application/json' };
    const { headers: answered } = await http.send('POST', `${commandsUrl}/flights`, {
      body: JSON.stringify(flight),
      headers,
    });
    const position = String(answered['reprise-position']);
    for (const { urlOf } of subjects) {
      const ask = () =>
        http.send('GET', urlOf(idOf(flight)), { headers: { 'reprise-min-position': position } });
      while ((await ask()).status === 503);
    }
  } finally {
    http.stop();
  }
}

/**
 * Commands at a fixed rate; after each one, as soon as it is answered, one of the views in turn is asked for an answer that
 * shows it.
 */
export async function visibleTimes(
  commandsUrl: string,
  subjects: readonly VisibleSubject[],
  { perSecond, seconds, carrier }: { perSecond: number; seconds: number; carrier: string },
): Promise<VisibleTimes[]> {
  const http = new HttpClient(256);
  const results = subjects.map((subject) => ({
    subject,
    timesMs: [] as number[],
    refused: 0,
    stale: 0,
    late: 0,
  }));
  const one = async (place: number): Promise<void> => {
    const result = results[place % results.length];
    if (!result) return;
    const flight = scheduledFlight(carrier, place);
    const headers = { 'content-type': 'application/json' };
    const command = await http.send('POST', `${commandsUrl}/flights`, {
      body: JSON.stringify(flight),
      headers,
    });
    const position = command.headers['reprise-position'];
    if (command.status === 202) {
      result.late += 1;
      return;
    }
    if (command.status !== 201 || typeof position !== 'string')
      throw new Error(`a command was answered ${command.status} at ${String(position)}: ${command.text}`);
    const answeredMs = performance.now();
    const url = result.subject.urlOf(idOf(flight));
    const answer = await http.send('GET', url, { headers: { 'reprise-min-position': position } });
    if (answer.status === 503) result.refused += 1;
    else {
      result.timesMs.push(performance.now() - answeredMs);
      if (result.subject.shows?.(answer, idOf(flight)) === false) result.stale += 1;
    }
  };
  try {
    await atRate({ perSecond, seconds }, one);
    return results;
  } finally {
    http.stop();
  }
}

/** Begins one after another at its time, whether or not those before it are done; resolves when all are. */
async function atRate(
  { perSecond, seconds }: { perSecond: number; seconds: number },
  one: (place: number) => Promise<void>,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  const beganMs = performance.now();
  for (let place = 0; place < perSecond * seconds; place += 1) {
    const waitMs = beganMs + (place * 1_000) / perSecond - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const begun = one(place);
    // Awaited below: until then its failure must not end the process, which has services to stop.
    begun.catch(() => undefined);
    underWay.push(begun);
  }
  await Promise.all(underWay);
}
