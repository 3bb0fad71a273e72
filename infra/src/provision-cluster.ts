import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '@reprise/contracts';
import { provisionStreams } from '@reprise/log';
import { logConnection, logSettings, readConfig } from '@reprise/service';
import { z } from 'zod';
import { provisionDatabases } from './provision-databases.js';

/**
 * The step of a release into a cluster that comes before any process of it: topics, contracts and, where it is given an
 * administrator, a role and a database for each address that a process will be told. Does nothing for what is there.
 */
const settings = readConfig(
  z.object({
    ...logSettings,
    REPRISE_POSTGRES_URL: z.url().optional().describe('Administrator of Postgres'),
    REPRISE_DATABASE_URLS: z
      .string()
      .optional()
      .describe('Folder with the address of each database that is to be made, one a file'),
  }),
);
const { REPRISE_POSTGRES_URL, REPRISE_DATABASE_URLS } = settings;
if ((REPRISE_POSTGRES_URL === undefined) !== (REPRISE_DATABASE_URLS === undefined))
  throw new Error('REPRISE_POSTGRES_URL and REPRISE_DATABASE_URLS must both be set, or neither');

await provisionStreams(catalogue, logConnection(settings, 'reprise-provision'));
if (REPRISE_POSTGRES_URL !== undefined && REPRISE_DATABASE_URLS !== undefined)
  await provisionDatabases(REPRISE_POSTGRES_URL, urlsIn(REPRISE_DATABASE_URLS));

/** One address a file, as a mounted secret has them beside links and folders of its own. */
function urlsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => readFileSync(join(folder, name), 'utf8').trim());
}
