import type { Answer, Client } from './client.js';

/**
 * Schedules one flight of a route that no replay has. With a log that is slow to acknowledge it is taken as 202: it is as good as
 * written then.
 */
export async function scheduleFlight(client: Client, number: number): Promise<Answer> {
  const answer = await client.commands('POST', '/flights', {
    carrier: 'ZZ',
    number,
    origin: 'TST',
    destination: 'QQQ',
    scheduledDeparture: '2014-06-01T12:00:00-04:00',
  });
  return answer.status === 202 ? { ...answer, status: 201 } : answer;
}

/** What search shows of them. */
export function scheduledFlights(client: Client): Promise<Answer> {
  return client.search({ origin: 'TST', sort: 'flightId', limit: '40' });
}
