// Preloaded into a service by a test (`node --import`): kills the process, as a power failure would, where the file names the
// place, after it passed there so often: `1 before commit`. Products know nothing of it: the places are statements that they send
// to Postgres. Only records that are stored from then on are counted: an older one may be read, and waited for, by everyone, and
// still be about to be forgotten. One shot: the file goes first.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const armed = process.env.REPRISE_TEST_CRASH_POINT ?? '';
const pg = createRequire(new URL('../../libs/command-store/package.json', import.meta.url))('pg');
const send = pg.Client.prototype.query;
/** Clients whose transaction stores records that count. */
const storing = new WeakSet();
/** Outbox ids of those records. */
const stored = new Set();

function reach(point) {
  try {
    const [, passes, place] = /^(\d+) (.*)$/.exec(readFileSync(armed, 'utf8')) ?? [];
    if (place !== point) return;
    if (passes !== '0') {
      writeFileSync(armed, `${Number(passes) - 1} ${point}`);
      return;
    }
    rmSync(armed);
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}

/** What a statement is, by the names of the places before and after it. */
function stepOf(client, { text, values }) {
  const [ids] = values ?? [];
  if (text === 'COMMIT') return storing.delete(client) ? 'commit' : undefined;
  if (text === 'ROLLBACK') storing.delete(client);
  if (text.includes('INSERT INTO outbox') && existsSync(armed)) {
    storing.add(client);
    for (const id of ids) stored.add(id);
  }
  if (text.includes('DELETE FROM outbox')) return ids.some((id) => stored.has(id)) ? 'forget' : undefined;
  if (text.startsWith('DROP TABLE')) return 'drop';
  return undefined;
}

pg.Client.prototype.query = function (config, ...rest) {
  const step = stepOf(this, typeof config === 'string' ? { text: config } : { text: '', ...config });
  if (step === undefined) return send.call(this, config, ...rest);
  reach(`before ${step}`);
  const done = rest.at(-1);
  if (typeof done === 'function')
    rest[rest.length - 1] = (...answer) => {
      reach(`after ${step}`);
      done(...answer);
    };
  const sent = send.call(this, config, ...rest);
  return typeof sent?.then === 'function'
    ? sent.then((answer) => {
        reach(`after ${step}`);
        return answer;
      })
    : sent;
};
