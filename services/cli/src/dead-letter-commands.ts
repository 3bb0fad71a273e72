import { InvalidArgumentError, type Command } from 'commander';
import { CliError, type ControlPlaneClient } from './control-plane-client.js';
import { renderLetter, renderLetters, renderOrder } from './render-letters.js';

export interface LetterSession {
  readonly client: ControlPlaneClient;
  readonly print: (answer: unknown, text: string) => void;
}

interface Selectors {
  readonly view?: string;
  readonly generation?: number;
  readonly code?: string;
  readonly key?: string;
  readonly all?: true;
}

/** `reprise dead-letters …`: what was set aside, and what is to become of it. */
export function addDeadLetters(root: Command, session: () => LetterSession): void {
  const group = root.command('dead-letters').description('records that a view set aside');
  selecting(group.command('list', { isDefault: true }).description('those set aside last first'))
    .option('--status <status>', 'open, waiting, redriven, superseded or discarded')
    .option('--limit <count>', 'most letters shown, to 1000', '100')
    .action(async (options: Selectors & { status?: string; limit: string }) => {
      const { client, print } = session();
      const filter = Object.entries(options).map(([name, value]) => [name, String(value)] as const);
      const letters = await client.letters(Object.fromEntries(filter));
      print(letters, renderLetters(letters, Date.now()));
    });
  group
    .command('show <letter>')
    .description('one letter, with its record')
    .action(async (letterId: string) => {
      const { client, print } = session();
      const letter = await client.letter(letterId);
      print(letter, renderLetter(letter, Date.now()));
    });
  addOrder(group, session, 'redrive');
  addOrder(group, session, 'discard');
}

function addOrder(group: Command, session: () => LetterSession, action: 'redrive' | 'discard'): void {
  const descriptions = {
    redrive: 'put letters through again, to their one view; refused where the row is newer',
    discard: 'close letters for good',
  };
  const order = selecting(group.command(`${action} [letters...]`).description(descriptions[action]))
    .option('--all', 'every open letter of every view')
    .option('--dry-run', 'only say which letters it would be', false);
  if (action === 'discard') order.requiredOption('--reason <text>', 'why they may be lost');
  order.action(
    async (letterIds: string[], { dryRun, ...options }: Selectors & { dryRun: boolean; reason?: string }) => {
      const { client, print } = session();
      const chosen = letterIds.length > 0 ? { letterIds } : {};
      const answer = await client.orderLetters(action, { ...chosen, ...options, dryRun });
      print(answer, renderOrder(answer));
      const unsettled = answer.results.filter(({ result }) => result === 'failed' || result === 'pending');
      if (unsettled.length > 0)
        throw new CliError(`${unsettled.length} of ${answer.selected} letters are still open.`);
    },
  );
}

function selecting(command: Command): Command {
  return command
    .option('--view <view>', 'only of this view')
    .option('--generation <number>', 'only of this generation', generationNumber)
    .option('--code <code>', 'only with this kind of failure, as record-undecodable')
    .option('--key <key>', 'only of this entity');
}

function generationNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Expected a number, as 3.');
  return number;
}
