import { InvalidArgumentError, type Command } from 'commander';
import type { Generation } from './answers.js';
import { renderGeneration } from './render.js';
import { generationNumber, type Session } from './session.js';

const orders = {
  pause: 'stop building a generation until it is resumed; it can stand still as long as tombstones are kept',
  resume: 'go on with a generation that was paused',
  cancel: 'end a rebuild that is under way: it is dropped from its store',
  retire: 'let a generation go: it is dropped from its store',
} as const;

/** `reprise pause`, `resume`, `cancel`, `retire` and `throttle`. */
export function addPace(root: Command, session: () => Session): void {
  addOrder(root, session, 'pause');
  addOrder(root, session, 'resume');
  addOrder(root, session, 'cancel');
  addOrder(root, session, 'retire');
  ofGeneration(root, 'throttle', 'limit how fast a generation reads the log')
    .argument('<records>', 'most records a second, of all its builders; none: no limit', rate)
    .action(async (view: string, number: number, maxRecordsPerSecond: number | null) => {
      const { client, print } = session();
      tell(print, await client.throttle(view, number, maxRecordsPerSecond));
    });
}

function addOrder(root: Command, session: () => Session, order: keyof typeof orders): void {
  ofGeneration(root, order, orders[order]).action(async (view: string, number: number) => {
    const { client, print } = session();
    tell(print, await client.order(view, number, order));
  });
}

function ofGeneration(root: Command, name: string, description: string): Command {
  return root
    .command(name)
    .description(description)
    .argument('<view>', 'name of the view, as flight-search')
    .argument('<generation>', 'its number', generationNumber);
}

function tell(print: Session['print'], generation: Generation): void {
  print(generation, renderGeneration(generation));
}

function rate(text: string): number | null {
  if (text === 'none') return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number of records a second, or none.');
}
