import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const fixtures = join(import.meta.dirname, 'fixtures');
const root = join(import.meta.dirname, '../..');

describe('the linter enforces the boundaries: each fixture breaks one rule', () => {
  const eslint = new ESLint({
    cwd: root,
    // The fixtures pretend to be files that do not exist, which rules that need types cannot follow.
    overrideConfig: [
      {
        files: ['**/*.ts'],
        ...tseslint.configs.disableTypeChecked,
        languageOptions: { parserOptions: { projectService: false } },
      },
    ],
  });

  test.each(readdirSync(fixtures))('%s is refused', async (name) => {
    const text = readFileSync(join(fixtures, name), 'utf8');
    const [, path, rule] = /linted as: (\S+)\n\/\/ must fail with: (\S+)/.exec(text) ?? [];
    if (path === undefined || rule === undefined) throw new Error(`${name} does not say what it breaks`);
    const results = await eslint.lintText(text, { filePath: join(root, path) });
    expect(results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId))).toEqual([rule]);
  });
});
