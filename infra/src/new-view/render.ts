import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { stores, type ViewService } from '../view-services.js';
import type { ShapeField, StreamShape } from './stream-shape.js';

/** What is asked for: a view that does not exist yet. */
export interface NewView extends ViewService {
  readonly stream: StreamShape;
}

/** A file of the new folder, or an edited one of the repository. */
export interface WrittenFile {
  /** From the folder. */
  readonly path: string;
  readonly text: string;
}

/**
 * The folder of a view, made from the template: a view of the stream airport that is compiled, linted and tested as it
 * stands. Its names are replaced, and so is what lies between `// <part>` and `// </part>`.
 */
export async function renderView(view: NewView, templateDir: string): Promise<WrittenFile[]> {
  const style = await resolveConfig(join(templateDir, 'package.json'));
  const shared = [...sourcesIn(templateDir, 'src'), ...sourcesIn(templateDir, 'test')];
  const files = [...shared, ...sourcesIn(templateDir, `src/${view.store}`)].map(async (from) => {
    const path = from.replace(`src/${view.store}/`, 'src/');
    const template = readFileSync(join(templateDir, from), 'utf8');
    const inPlace = path === from ? template : template.replaceAll("'../", "'./");
    return { path, text: await format(rendered(inPlace, view), { ...style, filepath: path }) };
  });
  const manifest = renderManifest(readFileSync(join(templateDir, 'package.json'), 'utf8'), view);
  const written = [{ path: 'package.json', text: manifest }, ...(await Promise.all(files))];
  return written.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

/** The words by which the template's identifiers begin, as they are for this name: `airportList`, `AirportList`. */
export function identifiersOf(name: string): { camel: string; pascal: string } {
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return { camel, pascal: `${camel.charAt(0).toUpperCase()}${camel.slice(1)}` };
}

/** Names of the TypeScript files that lie in this folder itself. */
export function sourcesIn(templateDir: string, folder: string): string[] {
  return readdirSync(join(templateDir, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}

/** The view's own name comes last, as it may hold any of the other words. */
function rendered(template: string, { name, store, stream }: NewView): string {
  const { camel, pascal } = identifiersOf(name);
  const entity = identifiersOf(stream.name).camel;
  const renamed = template
    .replaceAll("'./postgres/", "'./")
    .replaceAll('postgres', store)
    .replaceAll('POSTGRES', store.toUpperCase())
    .replaceAll('PostgresViewStore', `${identifiersOf(store).pascal}ViewStore`)
    .replaceAll(/\b(stream )?airport\b/g, (_, words?: string) => (words ? words + stream.name : entity))
    .replaceAll(/\bfaa\b/g, stream.key)
    .replaceAll('template-view', name)
    .replaceAll('templateView', camel)
    .replaceAll('TemplateView', pascal);
  return fillParts(renamed, stream);
}

/** What stands between the marks of a part, one line a field. */
const parts: Readonly<Record<string, (field: ShapeField, entity: string) => string>> = {
  row: ({ name, type, isNullable, doc }) =>
    `${name}: ${zodOf(type)}${isNullable ? '.nullable()' : ''}${doc ? `.describe(${JSON.stringify(doc)})` : ''}`,
  fields: ({ name }) => `'${name}'`,
  project: ({ name }, entity) => `${name}: ${entity}.${name}`,
  properties: ({ name, type }) => `${name}: { type: '${mappingOf(type)}' }`,
  sample: ({ name, sample }) => `${name}: ${JSON.stringify(sample)}`,
};

function fillParts(text: string, { name, fields }: StreamShape): string {
  const entity = identifiersOf(name).camel;
  return text.replaceAll(/ *\/\/ <(\w+)>\n[^]*?\/\/ <\/\1>\n/g, (_, part: string) => {
    const line = parts[part];
    if (!line) throw new RangeError(`the template has an unknown part: ${part}`);
    return fields.map((field) => `${line(field, entity)},\n`).join('');
  });
}

function zodOf(type: ShapeField['type']): string {
  if (typeof type === 'object') return `z.enum(${JSON.stringify(type.symbols)})`;
  return {
    string: 'z.string()',
    boolean: 'z.boolean()',
    int: 'z.int()',
    long: 'z.int()',
    double: 'z.number()',
  }[type];
}

/** A field's type in Elasticsearch. */
function mappingOf(type: ShapeField['type']): string {
  if (typeof type === 'object') return 'keyword';
  return { string: 'keyword', boolean: 'boolean', int: 'integer', long: 'long', double: 'double' }[type];
}

/** The template's, without the clients of the other stores. */
function renderManifest(template: string, { name, store, portOffset }: NewView): string {
  const manifest = z.record(z.string(), z.unknown()).parse(JSON.parse(template));
  const unused = stores.filter((known) => known !== store).map((known) => `@reprise/view-store-${known}`);
  const dependencies = Object.entries(z.record(z.string(), z.string()).parse(manifest['dependencies']));
  const changed = {
    name: `@reprise/${name}`,
    reprise: { view: { store, portOffset } },
    dependencies: Object.fromEntries(dependencies.filter(([dependency]) => !unused.includes(dependency))),
  };
  return `${JSON.stringify({ ...manifest, ...changed }, null, 2)}\n`;
}
