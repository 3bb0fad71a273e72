import { CodedError, type FailureDecision } from '@reprise/kernel';

/** Every failure of this library, and what it calls for. */
const decisions = {
  'log-unavailable': 'retry',
  'offset-out-of-range': 'retry',
  'registry-unavailable': 'retry',
  /** The log ends before what was applied of it: it lost records. */
  'log-behind-checkpoint': 'retry',
  'stream-missing': 'stop',
  'stream-differs': 'stop',
  'contract-unregistered': 'stop',
  'contract-refused': 'stop',
  'value-not-of-contract': 'stop',
  'record-undecodable': 'set-aside',
} as const satisfies Record<string, FailureDecision>;

export type LogErrorCode = keyof typeof decisions;

export function logError(code: LogErrorCode, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, { decision: decisions[code], cause });
}
