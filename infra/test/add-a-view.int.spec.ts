import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blocksOf, ScratchCheckout } from './page.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;

/** The page's view, and the same with other names in the other stores. */
const variants = [
  { store: 'postgres', suffix: '' },
  { store: 'redis', suffix: '-redis' },
  { store: 'elasticsearch', suffix: '-elasticsearch' },
] as const;
type Variant = (typeof variants)[number];

function inVariant(text: string, { store, suffix }: Variant): string {
  const word = suffix.replace(/^-(.)/, (_, letter: string) => letter.toUpperCase());
  return text
    .replaceAll('--store=postgres', `--store=${store}`)
    .replaceAll('late-flights', `late-flights${suffix}`)
    .replaceAll('lateFlights', `lateFlights${word}`)
    .replaceAll('LateFlights', `LateFlights${word}`);
}

/** A command about the view's folder, about all of them: once for three is quicker. */
function inAllVariants(command: string): string {
  const folder = 'services/late-flights';
  return command.replaceAll(folder, variants.map(({ suffix }) => folder + suffix).join(' '));
}

describe('docs/add-a-view.md does what it says', () => {
  const blocks = blocksOf(readFileSync(join(root, 'docs/add-a-view.md'), 'utf8'));
  const commands = blocks.filter(({ language, label }) => language === 'sh' && label === '');
  const [generate, ...checks] = commands.map(({ text }) => text);
  const files = blocks.filter(({ language }) => language === 'ts');
  /** The page has each file twice: as it is made one's own, and in the view's second version. */
  const versions = [files.slice(0, files.length / 2), files.slice(files.length / 2)] as const;
  let scratch: ScratchCheckout;

  beforeAll(async () => {
    scratch = ScratchCheckout.of(root);
    await scratch.run('npx -y pnpm@12.21.0 install --offline --frozen-lockfile --reporter=silent');
  }, 2 * minute);
  afterAll(() => {
    scratch.remove();
  });

  function write(version: 0 | 1): void {
    for (const { label, text } of versions[version])
      for (const variant of variants) scratch.write(inVariant(label, variant), inVariant(text, variant));
  }

  test('it has one command that writes a view, then a check of each state of it', () => {
    expect(generate).toMatch(/^npx pnpm@[\d.]+ new:view late-flights .*\n$/);
    expect(checks).toHaveLength(3);
    expect(versions[0].map(({ label }) => label)).toEqual(versions[1].map(({ label }) => label));
    expect(versions[0]).toHaveLength(4);
  });

  test(
    'what is written for each store compiles, is linted and passes its tests',
    async () => {
      for (const variant of variants) await scratch.run(inVariant(generate ?? '', variant));
      await scratch.run(inAllVariants(checks[0] ?? ''));
    },
    5 * minute,
  );

  test(
    'a name that is taken is refused, and changes nothing',
    async () => {
      const [before, lockfile] = [scratch.paths(), scratch.read('pnpm-lock.yaml')];
      await expect(scratch.run(generate ?? '')).rejects.toThrow(/taken by services\/late-flights.*Nothing/s);
      expect([scratch.paths(), scratch.read('pnpm-lock.yaml')]).toEqual([before, lockfile]);
    },
    minute,
  );

  test(
    'the row of the page passes its tests, with the queries on each real store',
    async () => {
      write(0);
      const printed = await scratch.run(inAllVariants(checks[1] ?? ''));
      for (const { suffix } of variants)
        expect(printed).toContain(`PASS services/late-flights${suffix}/src/queries.int.spec.ts`);
    },
    5 * minute,
  );

  test(
    'so does its second version',
    async () => {
      write(1);
      await scratch.run(inAllVariants(checks[2] ?? ''));
    },
    3 * minute,
  );
});
