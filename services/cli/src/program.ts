import { Command } from 'commander';
import type { Generation } from './answers.js';
import type { CliConfig } from './config.js';
import { CliError, ControlPlaneClient } from './control-plane-client.js';
import { addContracts } from './contract-commands.js';
import { addDeadLetters } from './dead-letter-commands.js';
import { follow } from './follow.js';
import { noDisplay, progressDisplay, type Output } from './progress-display.js';
import { addPace } from './pace-commands.js';
import { renderFlips } from './render-verification.js';
import { renderGenerations, renderStatus, renderViews } from './render.js';
import { addRecovery } from './store-commands.js';
import { generationNumber, pause, type Session } from './session.js';
import { addVerifications } from './verification-commands.js';

/** The whole command line of `reprise`. */
export function program(config: CliConfig, output: Output): Command {
  const root = new Command('reprise')
    .description(
      'Shows views and their generations; rebuilds, verifies, flips, rolls back and retires them; keeps contracts.',
    )
    .option('--control <url>', 'address of the control plane', config.controlUrl)
    .option('--token-file <path>', 'file that holds the access token; default: REPRISE_TOKEN')
    .option('--json', 'answer for machines', false)
    .showHelpAfterError();
  const session = (): Session => {
    const { control, json, tokenFile } = root.opts<{ control: string; json: boolean; tokenFile?: string }>();
    const print = (answer: unknown, text: string): void => {
      output.write(`${json ? JSON.stringify(answer, null, 2) : text}\n`);
    };
    const client = new ControlPlaneClient({
      ...{ ...config, controlUrl: control },
      ...(tokenFile !== undefined && { tokenFile }),
    });
    return { client, print, json };
  };
  addQuestions(root, session);
  addRebuild(root, session, output);
  addChanges(root, session);
  addPace(root, session);
  addVerifications(root, session, output);
  addDeadLetters(root, session);
  addRecovery(root, session);
  addContracts(root, session);
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
  command(root, 'history <view>', 'who flipped and rolled back what, when').action(async (view: string) => {
    const { client, print } = session();
    const flips = await client.flips(view);
    print(flips, renderFlips(flips));
  });
}

interface RebuildOptions {
  readonly autoFlip: boolean;
  readonly follow: boolean;
  readonly definition?: number;
}

function addRebuild(root: Command, session: () => Session, output: Output): void {
  command(root, 'rebuild <view>', 'build a new generation beside the live one, and follow it')
    .option('--auto-flip', 'go live as soon as it is ready, and live reads were compared', false)
    .option('--definition <version>', 'default: the newest; a builder must run it', generationNumber)
    .option('--no-follow', 'return as soon as it has begun')
    .action(async (view: string, { follow: isFollowed, autoFlip, definition }: RebuildOptions) => {
      const { client, print, json } = session();
      const begun = await client.rebuild(view, { autoFlip, definitionVersion: definition });
      if (!isFollowed) {
        print(begun, `${begun.name} has begun`);
        return;
      }
      const display = json ? noDisplay : progressDisplay(output);
      const ask = () => client.generation(view, begun.number);
      const done = await follow({ ask, display, pause, nowMs: () => Date.now() });
      const note = done.status === 'live' ? await noteOf(client, view, done.number) : null;
      print({ ...done, note }, arrival(view, done, note));
    });
}

function addChanges(root: Command, session: () => Session): void {
  command(root, 'flip <view> [generation]', 'make a generation live; default: the one that is ready')
    .argument('[generation]', 'its number', generationNumber)
    .option('--force', 'also with open dead letters, and when it answers live reads otherwise', false)
    .option('--reason <text>', 'kept in the history')
    .action(async (view: string, chosen: number | undefined, wanted: FlipOptions) => {
      const { client, print } = session();
      const number = chosen ?? (await readyGeneration(client, view));
      const live = await client.flip(view, number, wanted);
      print(live, `${live.name} is live`);
    });
  command(root, 'rollback <view>', 'flip back to the generation that was live before, once')
    .option('--from <generation>', 'the one to leave; default: the one that is live', generationNumber)
    .action(async (view: string, { from }: { from?: number }) => {
      const { client, print } = session();
      const live = await client.rollBack(view, from ?? (await liveGeneration(client, view)));
      print(live, `${live.name} is live again`);
    });
}

interface FlipOptions {
  readonly force: boolean;
  readonly reason?: string;
}

/** The arguments are declared one by one, so that each can have its own parser. */
function command(root: Command, usage: string, description: string): Command {
  const [name = '', ...args] = usage.split(' ');
  const made = root.command(name).description(description);
  for (const arg of args.filter((text) => text.includes('view')))
    made.argument(arg, 'name of the view, as flight-search');
  return made;
}

async function readyGeneration(client: ControlPlaneClient, view: string): Promise<number> {
  const ready = (await client.generations(view)).findLast(({ status }) => status === 'ready');
  if (ready) return ready.number;
  throw new CliError(
    `View ${view} has no generation that is ready. To go back to the one before: reprise rollback ${view}`,
  );
}

/** Named in the request, so that another one is not left by mistake when somebody was faster. */
async function liveGeneration(client: ControlPlaneClient, view: string): Promise<number> {
  const { live } = await client.view(view);
  if (live) return live.number;
  throw new CliError(`View ${view} has no live generation: there is nothing to roll back.`);
}

/** What is kept with the flip that made it live. */
async function noteOf(client: ControlPlaneClient, view: string, number: number): Promise<string | null> {
  const { flips } = await client.flips(view);
  return flips.findLast(({ to }) => to === number)?.note ?? null;
}

function arrival(view: string, { name, number, status }: Generation, note: string | null): string {
  if (status === 'ready') return `${name} is ready. To make it live: reprise flip ${view} ${number}`;
  return note === null ? `${name} is live` : `${name} is live (${note})`;
}
