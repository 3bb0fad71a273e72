import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { StartFailure } from '../failure.js';
import { queryPortOffsets, stores, viewServices } from '../view-services.js';
import { identifiersOf, type NewView } from './render.js';
import { readStreamShape } from './stream-shape.js';

const usage = `Usage: pnpm new:view <name> --store=${stores.join('|')} [--stream=flight]`;

/** Longer names would leave no room for those of tables and indexes. */
const longestName = 40;

const options = { store: { type: 'string' }, stream: { type: 'string' } } as const;

/** @throws StartFailure saying what is wrong with the request. Nothing is written. */
export function readRequest(root: string, args: readonly string[]): NewView {
  const { values, positionals } = parsed(args);
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) throw refused('Give the view one name, as airport-list.');
  requireName(root, name);
  const store = stores.find((known) => known === values.store);
  if (!store) throw refused(`--store takes ${stores.join(', ')}.`);
  return {
    name,
    store,
    stream: readStreamShape(root, values.stream ?? 'flight'),
    portOffset: freePort(root),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (failure) {
    throw refused(failure instanceof Error ? failure.message : String(failure));
  }
}

function requireName(root: string, name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)+$/.test(name) || name.length > longestName)
    throw refused(
      `${name} is not a view's name: two or more lower-case words joined by hyphens, as airport-list, ${longestName} letters at most.`,
    );
  if (name.split('-').includes('builder'))
    throw refused(`${name} is taken: what has builder in its name is the builder of a view.`);
  const holder = holderOf(root, name);
  if (holder !== undefined) throw refused(`${name} is taken by ${holder}.`);
  const template = join(root, 'infra/view-template/src');
  const word = identifiersOf(name).camel;
  const sources = readdirSync(template, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  if (sources.some((path) => new RegExp(`\\b${word}\\b`).test(readFileSync(join(template, path), 'utf8'))))
    throw refused(`${name} cannot be a view's name: ${word} is a word of the code that is written.`);
}

/** The folder that has this name, or whose package has. */
function holderOf(root: string, name: string): string | undefined {
  if (existsSync(join(root, 'services', name))) return `services/${name}`;
  return ['libs', 'services']
    .flatMap((parent) => readdirSync(join(root, parent)).map((folder) => `${parent}/${folder}`))
    .concat('infra', 'infra/view-template', 'bench', 'chaos')
    .find((folder) => packageName(join(root, folder, 'package.json')) === `@reprise/${name}`);
}

function packageName(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return z.object({ name: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).name;
}

function freePort(root: string): number {
  const taken = new Set(viewServices(root).map(({ portOffset }) => portOffset));
  const free = queryPortOffsets.find((offset) => !taken.has(offset));
  if (free === undefined) throw refused(`There are ${taken.size} views, and no port is left for another.`);
  return free;
}

function refused(reason: string): StartFailure {
  return new StartFailure(`${reason}\n${usage}`);
}
