import { afterAll, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import pg from 'pg';
import { provisionDatabases } from '../src/provision-databases.js';

describe('databases for a release', () => {
  const { postgresUrl } = testConnections();
  const names: string[] = [];

  afterAll(async () => {
    const admin = new pg.Client({ connectionString: postgresUrl });
    await admin.connect();
    for (const name of names) {
      await admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(name)}`);
      await admin.query(`DROP ROLE IF EXISTS ${admin.escapeIdentifier(name)}`);
    }
    await admin.end();
  });

  function urlOf(name: string, password: string, database = name): string {
    const url = new URL(postgresUrl);
    [url.username, url.password, url.pathname] = [name, encodeURIComponent(password), `/${database}`];
    return url.href;
  }

  /** Who one is there, by this address. */
  async function whoAmI(connectionString: string): Promise<unknown> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      await client.query('CREATE TABLE IF NOT EXISTS mine (id int)');
      return (await client.query('SELECT current_user, current_database()')).rows[0];
    } finally {
      await client.end();
    }
  }

  function fresh(): string {
    const name = uniqueName('release');
    names.push(name);
    return name;
  }

  test('each address works afterwards, again with the next release, and with a new password', async () => {
    const name = fresh();
    const url = urlOf(name, "p@ss/w'rd");
    await provisionDatabases(postgresUrl, [url]);
    expect(await whoAmI(url)).toEqual({ current_user: name, current_database: name });
    await provisionDatabases(postgresUrl, [url]);
    const changed = urlOf(name, 'another');
    await provisionDatabases(postgresUrl, [changed]);
    expect(await whoAmI(changed)).toEqual({ current_user: name, current_database: name });
  });

  test('one service does not get into the database of another', async () => {
    const [own, other] = [fresh(), fresh()];
    await provisionDatabases(postgresUrl, [urlOf(own, 'one'), urlOf(other, 'two')]);
    await expect(whoAmI(urlOf(own, 'one', other))).rejects.toThrow(/permission denied for database/);
  });

  test.each([
    ['without a password', (name: string) => urlOf(name, ''), /must name a user, a password/],
    ['without a database', (name: string) => urlOf(name, 'secret', ''), /must name a user, a password/],
    ['that is none', () => 'board', /must name a user, a password/],
    [
      'of the administrator',
      (name: string) => urlOf(decodeURIComponent(new URL(postgresUrl).username), 'guess', name),
      /must not be used as the administrator/,
    ],
    [
      'at another host',
      (name: string) => urlOf(name, 'secret').replace(/@[^:/]+/, '@db.example.com'),
      /is at db.example.com/,
    ],
  ])('an address %s is refused before anything is done', async (_, urlFor, reason) => {
    const [good, bad] = [fresh(), fresh()];
    await expect(provisionDatabases(postgresUrl, [urlOf(good, 'one'), urlFor(bad)])).rejects.toThrow(reason);
    await expect(whoAmI(urlOf(good, 'one'))).rejects.toThrow(/authentication failed|does not exist/);
  });
});
