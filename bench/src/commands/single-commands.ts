import { scheduledFlight } from './flights.js';
import { HttpClient } from './http-client.js';

export interface CommandRates {
  readonly commands: number;
  readonly seconds: number;
  /** From question to answer, in milliseconds. */
  readonly latenciesMs: readonly number[];
}

/** Clients that each send their next command when the one before is answered. */
export async function singleCommands(
  url: string,
  { clients, seconds, carrier }: { clients: number; seconds: number; carrier: string },
): Promise<CommandRates> {
  const http = new HttpClient(clients);
  const latenciesMs: number[] = [];
  const beganMs = performance.now();
  const untilMs = beganMs + seconds * 1_000;
  let place = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const body = JSON.stringify(scheduledFlight(carrier, (place += 1)));
      const askedMs = performance.now();
      const headers = { 'content-type': 'application/json' };
      const { status, text } = await http.send('POST', `${url}/flights`, { body, headers });
      if (status !== 201) throw new Error(`a command was answered ${status}: ${text}`);
      latenciesMs.push(performance.now() - askedMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    http.stop();
  }
  return { commands: latenciesMs.length, seconds: (performance.now() - beganMs) / 1_000, latenciesMs };
}

/** Stored, whoever publishes it. */
export async function oneCommand(url: string, carrier: string): Promise<void> {
  const http = new HttpClient(1);
  try {
    const body = JSON.stringify(scheduledFlight(carrier, 1));
    const headers = { 'content-type': 'application/json', prefer: 'respond-async' };
    const { status, text } = await http.send('POST', `${url}/flights`, { body, headers });
    if (status !== 202) throw new Error(`a command was answered ${status}: ${text}`);
  } finally {
    http.stop();
  }
}

/** One stream of commands by the line. */
export async function batchedCommands(
  url: string,
  { commands, carrier }: { commands: number; carrier: string },
): Promise<CommandRates> {
  const http = new HttpClient(1);
  const lines = Array.from({ length: commands }, (_, place) =>
    JSON.stringify({ type: 'ScheduleFlight', ...scheduledFlight(carrier, place) }),
  );
  const beganMs = performance.now();
  try {
    const headers = { 'content-type': 'application/x-ndjson' };
    const { text } = await http.send('POST', `${url}/commands`, { body: `${lines.join('\n')}\n`, headers });
    const accepted = text.split('\n').filter((line) => line.includes('"outcome":"accepted"')).length;
    if (accepted !== commands)
      throw new Error(`${accepted} of ${commands} commands were accepted: ${text.slice(0, 300)}`);
  } finally {
    http.stop();
  }
  return { commands, seconds: (performance.now() - beganMs) / 1_000, latenciesMs: [] };
}
