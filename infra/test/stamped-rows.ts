import { connect } from 'node:net';
import pg from 'pg';

/**
 * Writes a generation's name into its own rows of one carrier's flights, past the builder: two generations hold the same,
 * so nothing else would tell from which of them a row came. Returns how many rows were stamped.
 */
export type Stamp = (generation: string, carrier: string) => Promise<number>;

/** No test flight has an aircraft, and no builder writes the row again. */
const stampField = 'aircraftModel';

const stampRows = `
local rows, stamped = redis.call('HGETALL', KEYS[1]), 0
for place = 2, #rows, 2 do
  if string.find(rows[place], '"carrier":"' .. ARGV[2] .. '"', 1, true) then
    local text, found = string.gsub(rows[place], '"${stampField}":null', '"${stampField}":"' .. ARGV[1] .. '"')
    redis.call('HSET', KEYS[1], rows[place - 1], text)
    stamped = stamped + found
  end
end
return stamped`;

export function stampInRedis(url: string): Stamp {
  return async (generation, carrier) => {
    const command = ['EVAL', stampRows, '1', `{${generation}}:rows`, generation, carrier];
    return Number((await answerOf(url, command)).replace(/^:/, ''));
  };
}

/** Groups are stamped in the name of their destination, which no test airport has. @param url Superuser of the server. */
export function stampInPostgres(url: string, database: string): Stamp {
  return async (generation, carrier) => {
    const at = new URL(url);
    at.pathname = `/${database}`;
    const client = new pg.Client({ connectionString: at.href });
    await client.connect();
    try {
      const table = client.escapeIdentifier(`${generation}_groups`);
      const text = `UPDATE ${table} SET destination_name = $1 WHERE carrier = $2`;
      return (await client.query(text, [generation, carrier])).rowCount ?? 0;
    } finally {
      await client.end();
    }
  };
}

/** The first line of Redis's answer. */
function answerOf(url: string, command: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return new Promise<string>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(data.toString().split('\r\n')[0] ?? '');
    });
    const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${command.length}\r\n${words.join('')}`);
  }).finally(() => {
    socket.destroy();
  });
}
