import { messageOf } from '@reprise/kernel';

/** What is wrong with the contracts of a checkout, and what to do about it. */
export interface Finding {
  /** Name of the stream's folder; of a view's service, where it is no stream's fault. */
  readonly stream: string;
  readonly code: FindingCode;
  /** The published version that it is about, where it is about one. */
  readonly version?: number;
  /** For people: names stream, field, versions and direction, as far as they matter. */
  readonly text: string;
}

export type FindingCode =
  | 'not-a-contract'
  | 'unpublished'
  | 'version-missing'
  | 'version-unpinned'
  | 'version-changed'
  | 'breaks-readers'
  | 'changes-meaning'
  | 'breaks-view'
  | 'view-unusable'
  | 'example-broken';

/** A file that cannot be read as what it must be. */
export function notAContract(stream: string, failure: unknown): Finding {
  const where = stream === '' ? '' : `stream ${stream}: `;
  return { stream, code: 'not-a-contract', text: `${where}${messageOf(failure)}` };
}
