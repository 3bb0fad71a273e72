import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ContractFolder, Finding } from '@reprise/contract-versions';
import { InvalidArgumentError, type Command } from 'commander';
import { CliError } from './control-plane-client.js';
import { renderCheck, renderConsumers, renderDiff } from './render-contracts.js';
import type { Session } from './session.js';

/** Run from the sources, as tests do, this looks at the sources of the views as well. */
const door = import.meta.filename.endsWith('.ts') ? 'types' : 'default';

type Contracts = typeof import('@reprise/contract-versions');

/** `reprise contracts …`: what streams promise, to whom, and whether it is kept. Looks at a checkout; needs no engine. */
export function addContracts(root: Command, session: () => Session): void {
  const group = root
    .command('contracts')
    .description('what streams promise to their readers: check, compare and publish it')
    .option('--checkout <dir>', 'root of the checkout to look at', checkoutOf, ownCheckout());
  const checkout = (): string => group.opts<{ checkout: string }>().checkout;
  addCheck(group, session, checkout);
  addPublish(group, session, checkout);
  addDiff(group, session, checkout);
  addConsumers(group, session, checkout);
}

function addCheck(group: Command, session: () => Session, checkout: () => string): void {
  group
    .command('check')
    .description(
      'published versions are unchanged, each reads all others, and every view reads all of them; exit code 1 when not',
    )
    .action(async () => {
      const { checkContracts, loadViews } = await load();
      const check = checkContracts(checkout(), await loadViews(checkout(), door));
      session().print(check, renderCheck(check));
      if (check.findings.length > 0) throw new CliError(counted(check.findings.length));
    });
}

function addPublish(group: Command, session: () => Session, checkout: () => string): void {
  group
    .command('publish <stream>')
    .description('make schema.avsc the next version, for good; refused when it would break a reader')
    .action(async (stream: string) => {
      const { loadViews, publish } = await load();
      const { views, findings } = await loadViews(checkout(), door);
      // A view that cannot be asked may be one that it would break.
      if (findings.length > 0) throw notPublished(findings);
      const published = said(() => publish(checkout(), stream, views));
      if (published.kind === 'refused') throw notPublished(published.findings);
      if (published.kind === 'nothing-new') {
        session().print(published, `schemas/${stream}/schema.avsc is version ${published.version} already`);
        return;
      }
      generateTypes(checkout());
      session().print(published, `version ${published.version} of ${stream} is published: ${published.path}`);
    });
}

function addDiff(group: Command, session: () => Session, checkout: () => string): void {
  group
    .command('diff <stream>')
    .description('fields that were added, removed and changed between two versions')
    .argument('[from]', 'version; default: the one before', versionNumber)
    .argument('[to]', 'version; default: the newest, or what is not published yet', versionNumber)
    .action(async (stream: string, from?: number, to?: number) => {
      const contracts = await load();
      const folder = folderOf(contracts, checkout(), stream);
      const diff = said(() => contracts.diffContract(folder, { from, to }));
      session().print(diff, renderDiff(diff));
    });
}

function addConsumers(group: Command, session: () => Session, checkout: () => string): void {
  group
    .command('consumers')
    .argument('<place>', 'a stream or a field of it, as flight or flight.status')
    .description('the views that read a stream, or one field of it, and all that they read there')
    .action(async (place: string) => {
      const [stream = '', field] = place.replace('.state.', '.').split('.');
      const contracts = await load();
      const folder = folderOf(contracts, checkout(), stream);
      const { views, findings } = await contracts.loadViews(checkout(), door);
      const consumers = said(() => contracts.consumersOf(folder, { views, field }));
      session().print(consumers, renderConsumers(place, consumers));
      if (findings.length > 0) throw new CliError(findings.map(({ text }) => text).join('\n'));
    });
}

function notPublished(findings: readonly Finding[]): CliError {
  return new CliError(`nothing was published:\n${findings.map(({ text }) => text).join('\n')}`);
}

/** Only here: what the other commands need is there sooner without it. */
function load(): Promise<Contracts> {
  return import('@reprise/contract-versions');
}

function folderOf({ readContracts }: Contracts, checkout: string, stream: string): ContractFolder {
  const folders = said(() => readContracts(checkout));
  const folder = folders.find(({ streams }) => streams.includes(stream));
  if (folder) return folder;
  const names = folders.map((found) => found.stream).join(', ');
  throw new CliError(`There is no stream ${stream}. There are: ${names}`);
}

/** What is wrong with a file or an argument is told in a line. */
function said<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (failure) {
    if (failure instanceof RangeError || failure instanceof TypeError) throw new CliError(failure.message);
    throw failure;
  }
}

/** The types follow the schema. */
function generateTypes(checkout: string): void {
  const generator = join(checkout, 'libs/contracts/generate.mjs');
  if (!existsSync(generator)) return;
  const { status, stderr } = spawnSync(process.execPath, [generator], { encoding: 'utf8' });
  if (status !== 0) throw new CliError(`it is published, but its types could not be generated:\n${stderr}`);
}

function ownCheckout(): string {
  return resolve(import.meta.dirname, '../../..');
}

function checkoutOf(text: string): string {
  const path = resolve(text);
  if (!existsSync(join(path, 'schemas'))) throw new InvalidArgumentError('It has no folder schemas.');
  return path;
}

function versionNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Expected a number, as 2.');
  return number;
}

function counted(problems: number): string {
  return problems === 1 ? 'There is 1 problem.' : `There are ${problems} problems.`;
}
