import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { stores } from '../view-services.js';
import { renderView, sourcesIn } from './render.js';
import { readStreamShape } from './stream-shape.js';

const root = join(import.meta.dirname, '../../..');
const templateDir = join(root, 'infra/view-template');
const textOf = (path: string): string => readFileSync(join(templateDir, path), 'utf8');

describe('the folder of a new view', () => {
  test.each(stores)('is the template itself, when that is what is asked for, in %s', async (store) => {
    const stream = readStreamShape(root, 'airport');
    const files = await renderView({ name: 'template-view', store, portOffset: 2, stream }, templateDir);
    for (const { path, text } of files.filter((file) => file.path !== 'package.json')) {
      const isOfStore = sourcesIn(templateDir, `src/${store}`).includes(
        path.replace('src/', `src/${store}/`),
      );
      const template = isOfStore
        ? textOf(path.replace('src/', `src/${store}/`)).replaceAll("'../", "'./")
        : textOf(path).replaceAll("'./postgres/", "'./");
      expect(withoutStore(text)).toBe(withoutStore(template.replaceAll(/^ *\/\/ <\/?\w+>\n/gm, '')));
    }
  });

  test('holds no word of the template', async () => {
    const stream = readStreamShape(root, 'airline');
    const files = await renderView(
      { name: 'postgres-airports', store: 'redis', portOffset: 7, stream },
      templateDir,
    );
    const all = files.map(({ path, text }) => `${path}\n${text}`).join('\n');
    expect(all).not.toMatch(
      /template|\bfaa\b|\bairport\b|view-store-postgres|PostgresViewStore|POSTGRES|\/\/ </,
    );
    expect(all).toContain("name: 'postgres-airports'");
    expect(all).toContain('PostgresAirportsQueries');
  });

  test('says in its package.json what the topology must know, and has the client of its store alone', async () => {
    const stream = readStreamShape(root, 'airline');
    const files = await renderView({ name: 'some-view', store: 'redis', portOffset: 7, stream }, templateDir);
    const text = files.find(({ path }) => path === 'package.json')?.text ?? '';
    expect(JSON.parse(text)).toMatchObject({
      name: '@reprise/some-view',
      reprise: { view: { store: 'redis', portOffset: 7 } },
      nx: { tags: ['type:service'] },
    });
    expect(text.match(/view-store-\w+/g)).toEqual(['view-store-redis']);
  });
});

/** Names of stores differ in length, and so in where lines are broken. */
function withoutStore(text: string): string {
  return text.replaceAll(/postgres|redis|elasticsearch/gi, 'store').replaceAll(/[\s,;]+/g, '');
}
