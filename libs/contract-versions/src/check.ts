import { stateSchema } from '@reprise/contracts';
import { compatibilityFindings, versionFindings } from './check-versions.js';
import { viewFindings } from './consumers.js';
import { readContracts, type ContractFolder } from './contract-folder.js';
import { exampleFindings } from './examples.js';
import { notAContract, type Finding } from './finding.js';
import type { FoundViews } from './views.js';

/** What was looked at, and all that is wrong. */
export interface ContractCheck {
  readonly streams: number;
  readonly versions: number;
  readonly views: number;
  readonly findings: readonly Finding[];
}

/**
 * All that keeps the contracts of a checkout from being safe to deploy: published versions that changed, versions that
 * break readers, views that read what some version does not tell. Needs no engine.
 */
export function checkContracts(root: string, { views, findings }: FoundViews): ContractCheck {
  const folders = readable(root);
  if (!Array.isArray(folders)) return { streams: 0, versions: 0, views: views.length, findings: [folders] };
  return {
    streams: folders.length,
    versions: folders.reduce((sum, { versions }) => sum + versions.length, 0),
    views: views.length,
    findings: [
      ...folders.flatMap((folder) => streamFindings(folder, views)),
      ...viewFindings(views, folders),
      ...findings,
    ],
  };
}

function readable(root: string): ContractFolder[] | Finding {
  try {
    return readContracts(root);
  } catch (failure) {
    return notAContract('', failure);
  }
}

/** Of one stream; examples are looked at only when the versions are sound. */
function streamFindings(folder: ContractFolder, views: FoundViews['views']): readonly Finding[] {
  try {
    stateSchema(folder.workingCopy);
    const found = [...versionFindings(folder), ...compatibilityFindings(folder)];
    return found.length > 0 ? found : exampleFindings(folder, views);
  } catch (failure) {
    return [notAContract(folder.stream, failure)];
  }
}
