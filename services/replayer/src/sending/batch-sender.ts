import { messageOf } from '@reprise/kernel';
import type { CommandLine } from '../command.js';
import { emptyTally, parseOutcome, type OutcomeLine } from './outcomes.js';
import { ask, AwayError, retry, type RetryOptions } from './retry.js';

export interface BatchSenderOptions extends RetryOptions {
  /** Base address of the flight commands. */
  readonly commandsUrl: string;
}

const shownRefusals = 5;

/** Sends commands, one request after another, so that those on one entity keep their order, and counts what became of them. */
export class BatchSender {
  /** What became of all commands that were acknowledged. */
  readonly tally = emptyTally();
  /** The first commands that were not taken, with the reason. */
  readonly refusals: string[] = [];

  constructor(private readonly options: BatchSenderOptions) {}

  /**
   * Resolves when every one of these commands has its outcome. A request that was cut off is sent again as a whole: the
   * ids of its commands make that harmless.
   * @throws AwayError when the service stays away; Error when it answers what it should not.
   */
  async send(commands: readonly CommandLine[]): Promise<void> {
    const body = commands.map((command) => `${JSON.stringify(command)}\n`).join('');
    for (const outcome of await retry(() => this.post(body, commands.length), this.options))
      this.count(outcome);
  }

  private async post(body: string, expected: number): Promise<OutcomeLine[]> {
    const url = `${this.options.commandsUrl}/commands`;
    const response = await ask(url, this.options, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    const text = await response.text().catch((cause: unknown) => {
      throw new AwayError(`the answer of ${url} was cut off`, { cause });
    });
    if (response.status >= 500 || response.status === 429)
      throw new AwayError(`${url} answers ${response.status}: ${text}`);
    if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text}`);
    return outcomesOf(text, expected);
  }

  private count(line: OutcomeLine): void {
    this.tally[line.outcome] += 1;
    if (line.repeated) this.tally.repeated += 1;
    if (line.reason !== '' && this.refusals.length < shownRefusals) {
      this.refusals.push(`${line.id} ${line.outcome}: ${line.reason}`);
    }
  }
}

function outcomesOf(text: string, expected: number): OutcomeLine[] {
  const outcomes: OutcomeLine[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const outcome = parse(line);
    if (outcome.outcome === 'stopped') throw new AwayError(`the batch was not finished: ${outcome.reason}`);
    outcomes.push(outcome);
  }
  if (outcomes.length === expected) return outcomes;
  throw new AwayError(`${outcomes.length} of ${expected} commands were answered`);
}

function parse(line: string) {
  try {
    return parseOutcome(line);
  } catch (cause) {
    throw new Error(`an answer cannot be read: ${messageOf(cause)}`, { cause });
  }
}
