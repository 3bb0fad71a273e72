import pg from 'pg';

/**
 * A role and a database of its own for each of these addresses, as they name them: with `postgres://board:secret@host/board`
 * a service finds the role `board`, which may log in with that password, and owns the database `board`.
 * @throws Error for an address without a user, a password or a database, or at another host; nothing was done then.
 */
export async function provisionDatabases(adminUrl: string, urls: readonly string[]): Promise<void> {
  const wanted = urls.map((url) => loginOf(url, new URL(adminUrl)));
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const login of wanted) {
      await ensureRole(client, login);
      await ensureDatabase(client, login);
    }
  } finally {
    await client.end();
  }
}

interface Login {
  readonly role: string;
  readonly password: string;
  readonly database: string;
}

function loginOf(text: string, admin: URL): Login {
  const url = URL.parse(text);
  const [role, password, database] = [url?.username, url?.password, url?.pathname.slice(1)].map((part) =>
    decodeURIComponent(part ?? ''),
  );
  if (!url || !role || !password || !database)
    throw new Error('an address of a database must name a user, a password and the database');
  if (url.hostname !== admin.hostname)
    throw new Error(`database ${database} is at ${url.hostname}, and the administrator at ${admin.hostname}`);
  if (role === decodeURIComponent(admin.username))
    throw new Error(`database ${database} must not be used as the administrator`);
  return { role, password, database };
}

async function ensureRole(client: pg.Client, { role, password }: Login): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(
    `${verb} ROLE ${client.escapeIdentifier(role)} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
  );
}

/** PostgreSQL makes no database within a transaction: two at once may both try, and one of them fails and is started again. */
async function ensureDatabase(client: pg.Client, { role, database }: Login): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (rowCount !== 0) return;
  const [name, owner] = [client.escapeIdentifier(database), client.escapeIdentifier(role)];
  await client.query(`CREATE DATABASE ${name} OWNER ${owner}`);
  // Nobody else's role may look in.
  await client.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
}
