import { runStoreTool } from '@reprise/command-store';
import { logConnection, readConfig } from '@reprise/service';
import { storeSettings } from './config.js';
import { entityTypes } from './entity-types.js';

// `reprise recover flight-commands` and `reprise verify flight-commands` run this; it listens nowhere.
const config = readConfig(storeSettings);

process.exitCode = await runStoreTool(process.argv.slice(2), {
  connectionString: config.REPRISE_POSTGRES_URL,
  entities: entityTypes.map(({ entity }) => entity),
  log: logConnection(config, 'flight-commands-store'),
  output: process.stdout,
  errors: process.stderr,
});
