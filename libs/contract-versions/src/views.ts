import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '@reprise/kernel';
import type { AnyView } from '@reprise/view';
import type { Finding } from './finding.js';

/** The views of a checkout, and why some could not be looked at. */
export interface FoundViews {
  readonly views: readonly AnyView<unknown>[];
  readonly findings: readonly Finding[];
}

/** `types`: the sources, which Node cannot run by itself; `default`: what was built from them. */
export type ViewDoor = 'types' | 'default';

/**
 * Loads every view of a checkout: each package under `services/` that declares one (`reprise.view` in its package.json) has
 * it behind its door `./view`. So a new view is covered as soon as it is there.
 */
export async function loadViews(root: string, door: ViewDoor): Promise<FoundViews> {
  const views: AnyView<unknown>[] = [];
  const findings: Finding[] = [];
  for (const service of readdirSync(join(root, 'services')).toSorted()) {
    const manifest = manifestOf(join(root, 'services', service, 'package.json'));
    if (manifest?.reprise?.view === undefined) continue;
    try {
      views.push(await loadView(join(root, 'services', service), manifest.exports?.['./view']?.[door]));
    } catch (failure) {
      findings.push({
        stream: service,
        code: 'view-unusable',
        text: `the view of services/${service} cannot be looked at: ${messageOf(failure)}`,
      });
    }
  }
  return { views, findings };
}

async function loadView(folder: string, path: string | undefined): Promise<AnyView<unknown>> {
  if (path === undefined) throw new TypeError('its package.json has no export ./view');
  const file = join(folder, path);
  if (!existsSync(file)) throw new TypeError(`${file} is not there; when it is not built yet: npm run build`);
  const module: unknown = await import(pathToFileURL(file).href);
  const view: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, 'view') : undefined;
  if (isView(view)) return view;
  throw new TypeError(`${path} exports no view`);
}

interface Manifest {
  readonly exports?: Readonly<Record<string, Readonly<Partial<Record<ViewDoor, string>>>>>;
  readonly reprise?: { readonly view?: unknown };
}

function manifestOf(path: string): Manifest | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : undefined;
}

function isView(value: unknown): value is AnyView<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['name', 'version', 'source', 'fields', 'references', 'project'].every((name) => name in value)
  );
}
