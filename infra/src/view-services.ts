import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StartFailure } from './failure.js';

export const stores = ['postgres', 'redis', 'elasticsearch'] as const;
export type Store = (typeof stores)[number];

/** What a view says of itself in its package.json, under `reprise.view`. */
const entry = z.strictObject({ store: z.enum(stores), portOffset: z.int() });
const manifest = z.object({ reprise: z.object({ view: entry }).optional() });

/** A view's folder under `services/`: a builder and a query service. */
export interface ViewService extends z.infer<typeof entry> {
  /** Name of the folder, and of the view. */
  readonly name: string;
}

/** Where query services may listen, counted from the port base. Their builders listen {@link builderPorts} above. */
export const queryPortOffsets = [...offsets({ from: 2, to: 9 }), ...offsets({ from: 40, to: 49 })];
export const builderPorts = 10;

/**
 * The views of a checkout, in the order of their ports.
 * @throws StartFailure when a declaration cannot be used, or two views want the same port.
 */
export function viewServices(root: string): readonly ViewService[] {
  const services = join(root, 'services');
  if (!existsSync(services)) throw new StartFailure(`${root} is no checkout: it has no folder services.`);
  const found = readdirSync(services)
    .flatMap((name) => declared(root, name) ?? [])
    .toSorted((left, right) => left.portOffset - right.portOffset);
  found.forEach((view, place) => {
    const next = found[place + 1];
    if (next?.portOffset === view.portOffset)
      throw new StartFailure(
        `${view.name} and ${next.name} both have reprise.view.portOffset ${view.portOffset} in their package.json: change one.`,
      );
  });
  return found;
}

function declared(root: string, name: string): ViewService | undefined {
  const path = join(root, 'services', name, 'package.json');
  if (!existsSync(path)) return undefined;
  const { success, data, error } = manifest.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!success)
    throw new StartFailure(`services/${name}/package.json cannot be used: ${z.prettifyError(error)}`);
  const view = data.reprise?.view;
  if (view && !queryPortOffsets.includes(view.portOffset))
    throw new StartFailure(
      `services/${name}/package.json: reprise.view.portOffset must be one of ${queryPortOffsets.join(', ')}.`,
    );
  return view && { name, ...view };
}

function offsets({ from, to }: { from: number; to: number }): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
