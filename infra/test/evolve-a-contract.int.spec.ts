import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blocksOf, ScratchCheckout } from './page.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const schemaPath = 'schemas/flight/schema.avsc';

describe('docs/evolve-a-contract.md does what it says', () => {
  const blocks = blocksOf(readFileSync(join(root, 'docs/evolve-a-contract.md'), 'utf8'));
  const textsOf = (language: string, label = ''): string[] =>
    blocks.filter((block) => block.language === language && block.label === label).map(({ text }) => text);
  const [difference = '', published = '', refused = ''] = textsOf('console');
  const [diff = '', consumers = '', publish = '', check = '', tests = ''] = textsOf('sh');
  let scratch: ScratchCheckout;

  beforeAll(async () => {
    scratch = ScratchCheckout.of(root);
    await scratch.run('npx -y pnpm@12.21.0 install --offline --frozen-lockfile --reporter=silent');
    await scratch.run('npm run --silent build');
  }, 5 * minute);
  afterAll(() => {
    scratch.remove();
  });

  /** The schema of flights with this as the last field of the state, in the place of one of the same name. */
  function declare(field: string): void {
    const schema = JSON.parse(scratch.read(schemaPath)) as Schema;
    const state = schema.fields.find(({ name }) => name === 'state')?.type;
    if (!state) throw new Error('flights have no state');
    const added = JSON.parse(field) as Named;
    state.fields = [...state.fields.filter(({ name }) => name !== added.name), added];
    scratch.write(schemaPath, `${JSON.stringify(schema, null, 2)}\n`);
  }

  test(
    'a field is added, and told as what it is',
    async () => {
      declare(textsOf('json', schemaPath)[0] ?? '');
      const examples = scratch.paths().filter((path) => path.startsWith('schemas/flight/golden/'));
      expect(examples.length).toBeGreaterThan(5);
      for (const path of examples) {
        const example = JSON.parse(scratch.read(path)) as { state: object };
        scratch.write(path, JSON.stringify({ ...example, state: { ...example.state, gate: null } }));
      }
      expect(await scratch.run(diff)).toContain(difference);
      expect(await scratch.run(consumers)).toMatch(/^flight-search +\d+ +flight +- +flightId, carrier,/m);
    },
    minute,
  );

  test(
    'it is published, and the contracts are sound',
    async () => {
      await expect(scratch.run(check)).rejects.toThrow('differs from version 1. Publish it');
      expect(await scratch.run(publish)).toContain(published);
      expect(await scratch.run(check)).toContain('each view reads all versions');
    },
    minute,
  );

  test(
    'who makes flights follows, and no view',
    async () => {
      const [path = '', text = ''] = blocks.flatMap(({ language, label, text: lines }) =>
        language === 'ts' && label.endsWith('decider.ts') ? [label, lines] : [],
      );
      const [before = '', added = ''] = text
        .trimEnd()
        .split('\n')
        .map((line) => line.trim());
      const [compile = ''] = tests.split('\n');
      const told: unknown = await scratch.run(compile).catch((reason: unknown) => reason);
      const printed = stripVTControlCharacters(String(told));
      const places = new Set(
        [...printed.matchAll(/^(\S+\.ts)[(:]\d.* error /gm)].map(([, place = '']) => place),
      );
      expect([...places].toSorted()).toEqual([
        'bench/src/topic/flight-events.ts',
        'bench/src/topic/orders.spec.ts',
        path,
      ]);
      for (const place of places)
        scratch.write(place, scratch.read(place).replace(before, `${before}\n${added}`));
      await scratch.run(tests);
    },
    6 * minute,
  );

  test(
    'what would break a reader is refused as the page says',
    async () => {
      const before = scratch.read(schemaPath);
      declare(textsOf('json', 'breaks')[0] ?? '');
      const failure: unknown = await scratch
        .run(textsOf('sh', 'refused')[0] ?? '')
        .catch((reason: unknown) => reason);
      expect(String(failure)).toContain(refused);
      expect(scratch.paths().filter((path) => path.startsWith('schemas/flight/versions/3'))).toEqual([]);
      scratch.write(schemaPath, before);
    },
    minute,
  );

  test(
    'an upcast becomes part of the contract',
    async () => {
      declare(textsOf('json', 'upcast')[0] ?? '');
      const path = 'libs/contracts/src/upcasts/flight.ts';
      scratch.write(path, textsOf('ts', path)[0] ?? '');
      await scratch.run(textsOf('sh', 'upcast')[0] ?? '');
      expect(scratch.read('libs/contracts/src/generated/streams.ts')).toContain('"upcasts": flightUpcasts');
    },
    3 * minute,
  );
});

interface Named {
  readonly name: string;
}

interface Schema {
  readonly fields: readonly (Named & { readonly type: { fields: Named[] } })[];
}
