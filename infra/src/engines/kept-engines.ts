import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { containersMarker } from './docker-engines.js';
import type { WantedEngines } from './engine-choice.js';

/** Where an earlier run put the data of this state folder; undefined when there are none, or when it used both. */
export function keptEngines(stateDir: string): WantedEngines | undefined {
  const inContainers = existsSync(join(stateDir, containersMarker));
  const data = join(stateDir, 'data');
  const inFolder = existsSync(data) && readdirSync(data).length > 0;
  if (inContainers === inFolder) return undefined;
  const because = `where the data of ${stateDir} are`;
  return { kind: inContainers ? 'docker' : 'local', because };
}
