import { Command, InvalidArgumentError } from 'commander';
import type { Generation } from './answers.js';
import type { CliConfig } from './config.js';
import { CliError, ControlPlaneClient } from './control-plane-client.js';
import { addDeadLetters } from './dead-letter-commands.js';
import { follow } from './follow.js';
import { noDisplay, progressDisplay } from './progress-display.js';
import { renderGeneration, renderGenerations, renderStatus, renderViews } from './render.js';

interface Session {
  readonly client: ControlPlaneClient;
  /** The answer as it is, or as text. */
  readonly print: (answer: unknown, text: string) => void;
  readonly json: boolean;
}

/** The whole command line of `reprise`. */
export function program(config: CliConfig, output: NodeJS.WriteStream): Command {
  const root = new Command('reprise')
    .description('Shows views and their generations; rebuilds, flips, rolls back and retires them.')
    .option('--control <url>', 'address of the control plane', config.controlUrl)
    .option('--json', 'answer for machines', false)
    .showHelpAfterError();
  const session = (): Session => {
    const { control, json } = root.opts<{ control: string; json: boolean }>();
    const print = (answer: unknown, text: string): void => {
      output.write(`${json ? JSON.stringify(answer, null, 2) : text}\n`);
    };
    return { client: new ControlPlaneClient({ ...config, controlUrl: control }), print, json };
  };
  addQuestions(root, session);
  addRebuild(root, session, output);
  addChanges(root, session);
  addDeadLetters(root, session);
  return root;
}

function addQuestions(root: Command, session: () => Session): void {
  command(root, 'views', 'all views, with their live generation').action(async () => {
    const { client, print } = session();
    const views = await client.views();
    print(views, renderViews(views));
  });
  command(root, 'status', 'everything at a glance: views, generations, lag, problems').action(async () => {
    const { client, print } = session();
    const { views } = await client.views();
    const details = await Promise.all(views.map(({ name }) => client.view(name)));
    print({ views: details }, renderStatus(details, Date.now()));
  });
  command(root, 'generations <view>', 'the generations of a view').action(async (view: string) => {
    const { client, print } = session();
    const generations = await client.generations(view);
    print(generations, renderGenerations(generations, Date.now()));
  });
}

function addRebuild(root: Command, session: () => Session, output: NodeJS.WriteStream): void {
  command(root, 'rebuild <view>', 'build a new generation beside the live one, and follow it')
    .option('--auto-flip', 'go live as soon as it is ready', false)
    .option('--no-follow', 'return as soon as it has begun')
    .action(
      async (view: string, { autoFlip, follow: isFollowed }: { autoFlip: boolean; follow: boolean }) => {
        const { client, print, json } = session();
        const begun = await client.rebuild(view, autoFlip);
        if (!isFollowed) {
          print(begun, `${begun.name} has begun`);
          return;
        }
        const display = json ? noDisplay : progressDisplay(output);
        const ask = () => client.generation(view, begun.number);
        const done = await follow({ ask, display, pause, nowMs: () => Date.now() });
        print(done, arrival(view, done));
      },
    );
}

function addChanges(root: Command, session: () => Session): void {
  command(root, 'flip <view> [generation]', 'make a generation live; default: the one that is ready')
    .argument('[generation]', 'its number', generationNumber)
    .action(async (view: string, chosen: number | undefined) => {
      const { client, print } = session();
      const number = chosen ?? (await readyGeneration(client, view));
      const live = await client.flip(view, number);
      print(live, `${live.name} is live`);
    });
  command(root, 'rollback <view>', 'flip back to the generation that was live before').action(
    async (view: string) => {
      const { client, print } = session();
      const live = await client.rollBack(view);
      print(live, `${live.name} is live again`);
    },
  );
  command(root, 'retire <view> <generation>', 'let a generation go: it is dropped from its store')
    .argument('<generation>', 'its number', generationNumber)
    .action(async (view: string, number: number) => {
      const { client, print } = session();
      const retired = await client.retire(view, number);
      print(retired, renderGeneration(retired));
    });
}

/** The arguments are declared one by one, so that each can have its own parser. */
function command(root: Command, usage: string, description: string): Command {
  const [name = '', ...args] = usage.split(' ');
  const made = root.command(name).description(description);
  for (const arg of args.filter((text) => text.includes('view')))
    made.argument(arg, 'name of the view, as flight-search');
  return made;
}

function generationNumber(text: string): number {
  const number = /(\d+)$/.exec(text)?.[1];
  if (number === undefined)
    throw new InvalidArgumentError('Expected a number, as 3, or a name, as flight_search_g3.');
  return Number(number);
}

async function readyGeneration(client: ControlPlaneClient, view: string): Promise<number> {
  const ready = (await client.generations(view)).findLast(({ status }) => status === 'ready');
  if (ready) return ready.number;
  throw new CliError(
    `View ${view} has no generation that is ready. To go back to the one before: reprise rollback ${view}`,
  );
}

function arrival(view: string, { name, number, status }: Generation): string {
  return status === 'ready'
    ? `${name} is ready. To make it live: reprise flip ${view} ${number}`
    : `${name} is live`;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
