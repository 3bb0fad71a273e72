import type { Difference, Generation, Verification, ViewGenerations } from '@reprise/contracts';
import { refuse, type Decision, type Refusal } from '@reprise/decider';
import { isFed, parseStatus } from '@reprise/view';
import type { ConcludeVerification, RequestVerification, VerificationResult } from './commands.js';
import type { GenerationsEvent } from './events.js';
import { refusePaused } from './known-generation.js';

export function isUnderVerification({ verification }: Generation): boolean {
  return verification?.concludedAt === null;
}

/** The generation, waiting for a new check. */
export function requested(
  generation: Generation,
  {
    repair,
    against,
    requestedBy,
    atMs,
  }: Pick<RequestVerification, 'repair' | 'against' | 'requestedBy' | 'atMs'>,
): Generation {
  const verification: Verification = {
    id: (generation.verification?.id ?? 0) + 1,
    repair,
    against,
    requestedBy,
    requestedAt: atMs,
    concludedAt: null,
    entitiesChecked: 0,
    differences: 0,
    repaired: 0,
    problem: null,
    samples: [],
  };
  return { ...generation, verification };
}

export function concluded(generation: Generation, result: VerificationResult, atMs: number): Generation {
  if (!generation.verification)
    throw new RangeError(`generation ${generation.number} was not to be verified`);
  return { ...generation, verification: { ...generation.verification, ...result, concludedAt: atMs } };
}

export function requestVerification(
  { view, generations }: ViewGenerations,
  generation: Generation,
  command: RequestVerification,
): Decision<GenerationsEvent> {
  const { number, repair, against, requestedBy, atMs } = command;
  const refusal = isVerifiable(generation) ?? guardComparison(command);
  if (refusal) return refusal;
  if (isUnderVerification(generation)) return verificationUnderWay(generation);
  if (against !== null) {
    const other = generations.find((known) => known.number === against);
    if (!other)
      return refuse('not-found', 'unknown-generation', `View ${view} has no generation ${against}.`);
    const unfit = isVerifiable(other);
    if (unfit) return unfit;
  }
  return [{ event: 'VerificationRequested', number, repair, against, requestedBy, atMs }];
}

export function verificationUnderWay({ number, verification }: Generation): Refusal {
  const asker = verification ? `, asked for by ${verification.requestedBy},` : '';
  return refuse(
    'conflict',
    'verification-under-way',
    `A verification of generation ${number}${asker} is under way: wait for it.`,
  );
}

/** One that is paused stands at another place of the log than the end; while it is built it stands nowhere yet. */
function isVerifiable(generation: Generation): Refusal | undefined {
  const { number, status, paused } = generation;
  if (paused) return refusePaused(generation);
  if (isFed(parseStatus(status)) && status !== 'building') return undefined;
  return refuse('conflict', 'generation-status', `Generation ${number} is ${status}: it cannot be verified.`);
}

function guardComparison({ number, repair, against }: RequestVerification): Refusal | undefined {
  if (against === number)
    return refuse('invalid', 'same-generation', 'A generation is compared with another one than itself.');
  if (against === null || !repair) return undefined;
  return refuse(
    'invalid',
    'repair-against',
    'Only what differs from the log can be repaired: a comparison of generations does not tell which is right.',
  );
}

/** While a generation is `verifying`, what its check came to decides what becomes of it. */
export function concludeVerification(
  generation: Generation,
  { number, id, result, atMs }: ConcludeVerification,
): Decision<GenerationsEvent> {
  if (generation.verification?.id !== id || !isUnderVerification(generation)) return [];
  const fact: GenerationsEvent = { event: 'VerificationConcluded', number, result, atMs };
  if (generation.status !== 'verifying') return [fact];
  const fault = faultOf(result);
  return fault === undefined
    ? [fact, { event: 'GenerationAdvanced', number, status: 'ready', atMs }]
    : [fact, { event: 'GenerationFailed', number, reason: fault, atMs }];
}

/** Why a generation with this result is not to be trusted; undefined when it is. */
function faultOf({ problem, differences, repaired, samples }: VerificationResult): string | undefined {
  if (problem !== null) return `it could not be verified: ${problem}`;
  const left = differences - repaired;
  if (left <= 0) return undefined;
  const [first] = samples;
  const count = left === 1 ? '1 difference' : `${left} differences`;
  return `${count} from what the log says${first ? `; the first: ${describe(first)}` : ''}`;
}

/** Without what the rows hold: the reason stays when they are erased. */
function describe({ kind, key, entity, expected, actual }: Difference): string {
  const of = entity === '' || entity === key ? '' : ` of ${entity}`;
  const how = actual === null ? 'is missing' : expected === null ? 'should not be there' : 'differs';
  return `${kind} ${key}${of} ${how}`;
}
