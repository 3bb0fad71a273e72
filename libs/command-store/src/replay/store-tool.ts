import { parseArgs } from 'node:util';
import { CodedError, messageOf } from '@reprise/kernel';
import type { ReplayProgress } from './log-replay.js';
import { recoverStore, type ReplayOptions } from './recover-store.js';
import { percentOf, renderProgress, renderRecovery, renderStoreVerification } from './render-replay.js';
import { verifyStore, type StoreVerification } from './verify-store.js';

/** What the program of a command service works with. */
export interface StoreToolSetting extends Omit<ReplayOptions, 'onProgress'> {
  /** Answers. */
  readonly output: { write(text: string): unknown };
  /** Progress and failures. */
  readonly errors: { write(text: string): unknown };
}

const usage = `Usage: recover [--anew] [--json] | verify [--json]
  recover  rebuilds the empty write store from the topics; goes on with a recovery that was interrupted
  --anew   forgets what an interrupted recovery has read
  verify   compares the write store with the topics; exit code 1 when something differs
  --json   answer for machines
`;

/**
 * `recover` and `verify` of a command service's write store, as a program. The service must not run while it is recovered.
 * @returns the exit code: 0 when all is well, 1 when something differs or could not be done, 2 for wrong arguments.
 */
export async function runStoreTool(
  args: readonly string[],
  { output, errors, ...setting }: StoreToolSetting,
): Promise<number> {
  const asked = askedFor(args);
  if (!asked) {
    errors.write(usage);
    return 2;
  }
  const onProgress = progressTo(errors);
  const print = (answer: object, text: string): void => {
    output.write(`${asked.json ? JSON.stringify(answer, null, 2) : text}\n`);
  };
  try {
    if (asked.action === 'recover') {
      const report = await recoverStore({ ...setting, onProgress, anew: asked.anew });
      print(report, renderRecovery(report));
      return 0;
    }
    const verification = await verifyStore({ ...setting, onProgress });
    print(verification, renderStoreVerification(verification));
    return isRight(verification) ? 0 : 1;
  } catch (failure) {
    if (!(failure instanceof CodedError) && !isOfDatabase(failure)) throw failure;
    const what = failure instanceof CodedError ? '' : 'the write store cannot be used: ';
    errors.write(`${what}${messageOf(failure)}\n`);
    return 1;
  }
}

interface Asked {
  readonly action: 'recover' | 'verify';
  readonly anew: boolean;
  readonly json: boolean;
}

function askedFor(args: readonly string[]): Asked | undefined {
  try {
    const options = { anew: { type: 'boolean' }, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [action, ...others] = positionals;
    const { anew = false, json = false } = values;
    if (others.length > 0 || (action !== 'recover' && action !== 'verify')) return undefined;
    return action === 'verify' && anew ? undefined : { action, anew, json };
  } catch {
    // An option that there is not.
    return undefined;
  }
}

/** A line whenever the percentage grew. */
function progressTo(errors: StoreToolSetting['errors']): (progress: ReplayProgress) => void {
  let shown = -1;
  return (progress) => {
    const percent = percentOf(progress);
    if (percent === shown) return;
    shown = percent;
    errors.write(`${renderProgress(progress)}\n`);
  };
}

/** What Postgres refuses, or the system on the way to it, has a code. */
function isOfDatabase(failure: unknown): boolean {
  return (
    typeof failure === 'object' && failure !== null && 'code' in failure && typeof failure.code === 'string'
  );
}

function isRight({ differences, findings, unsettled }: StoreVerification): boolean {
  return differences.total + findings.total + unsettled.total === 0;
}
