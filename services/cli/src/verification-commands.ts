import type { Command } from 'commander';
import { CliError } from './control-plane-client.js';
import { follow } from './follow.js';
import { noDisplay, progressDisplay, type Output } from './progress-display.js';
import { concludedCheck, isRight, renderVerification } from './render-verification.js';
import { generationNumber, pause, type Session } from './session.js';
import { runTool, settingsHelp, storeToolOf } from './store-commands.js';

/** `reprise verify` and `reprise diff`: is a generation what it must be? */
export function addVerifications(root: Command, session: () => Session, output: Output): void {
  root
    .command('verify')
    .description(
      'check what a generation, or the write store of a command service, holds against the log; exit code 1 when something differs',
    )
    .argument('<view>', 'name of the view, as flight-search, or of the service, as flight-commands')
    .option('--generation <number>', 'default: the live one', generationNumber)
    .option('--repair', 'mend what differs', false)
    .option('--settings <file>', settingsHelp)
    .action(async (view: string, { generation, repair, settings }: VerifyOptions) => {
      const tool = storeToolOf(view, { settings });
      if (tool) {
        if (repair || generation !== undefined)
          throw new CliError('A write store has no generations, and is mended by no tool.');
        await runTool(tool, ['verify', ...(session().json ? ['--json'] : [])]);
        return;
      }
      const number = generation ?? (await liveGeneration(session(), view));
      await check(session(), output, { view, number, wanted: { repair } });
    });
  root
    .command('diff')
    .description('compare two generations of a view; exit code 1 when something differs')
    .argument('<view>', 'name of the view, as flight-search')
    .argument('<generation>', 'its number', generationNumber)
    .argument('<other>', 'the generation to compare with', generationNumber)
    .action(async (view: string, number: number, against: number) => {
      await check(session(), output, { view, number, wanted: { against } });
    });
}

interface VerifyOptions {
  readonly generation?: number;
  readonly repair: boolean;
  readonly settings?: string;
}

interface Check {
  readonly view: string;
  readonly number: number;
  readonly wanted: object;
}

/** Follows the check to its end. @throws CliError when something still differs. */
async function check(
  { client, print, json }: Session,
  output: Output,
  { view, number, wanted }: Check,
): Promise<void> {
  const begun = await client.verify(view, number, wanted);
  const id = begun.verification?.id ?? 0;
  const done = await follow({
    ask: () => client.generation(view, number),
    display: json ? noDisplay : progressDisplay(output),
    isArrived: ({ verification }) => (verification?.id ?? 0) > id || verification?.concludedAt !== null,
    pause,
    nowMs: () => Date.now(),
  });
  const found = concludedCheck(done, id);
  if (!found) throw new CliError(`Another check of ${done.name} came after this one: its result is gone.`);
  print(done, renderVerification(done.name, found));
  if (isRight(found)) return;
  throw new CliError(
    found.problem === null
      ? `${found.differences - found.repaired} differences remain.`
      : 'The check was not carried through.',
  );
}

async function liveGeneration({ client }: Session, view: string): Promise<number> {
  const { live } = await client.view(view);
  if (live) return live.number;
  throw new CliError(`View ${view} has no live generation: name one with --generation.`);
}
