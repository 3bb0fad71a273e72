import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { allowed, packages, soleImporters } from './infra/lint/boundaries.mjs';

const all = packages(import.meta.dirname);
const tests = ['**/*.spec.ts', '**/*.contract.ts', '**/contract.ts', '**/*.fixture.ts'];

/** One config a package: what it may not import, by the types of the others. */
const boundaries = all.map(({ folder, name, type }) => {
  const forbidden = all.filter((other) => other.name !== name && !allowed[type].includes(other.type));
  const clients = Object.entries(soleImporters).filter(([, owners]) => !owners.includes(folder));
  return {
    files: [`${folder}/src/**/*.ts`],
    ignores: tests,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...forbidden.map((other) => ({
              name: other.name,
              message: `type:${type} may not import type:${other.type}.`,
            })),
            ...clients.map(([client, owners]) => ({
              name: client,
              message: `Only ${owners.join(' and ')} may import ${client}.`,
            })),
          ],
          patterns: [
            {
              group: ['@reprise/*/*', '!@reprise/view-store/contract', '!@reprise/*/view'],
              message: 'Import a package by its index, not its insides.',
            },
            {
              group: ['**/services/**', '**/libs/**', '../../../*'],
              message: 'Import another package by its name.',
            },
            ...(type === 'pure'
              ? [
                  {
                    group: ['node:*', '@nestjs/*', 'pg', 'fs', 'path', 'os', 'crypto'],
                    message: 'Pure code has no I/O and no framework.',
                  },
                ]
              : []),
          ],
        },
      ],
    },
  };
});

const environmentRead = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only config reads the environment.',
};
const presentTime = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Pure code is given the time.',
};

const pure = {
  files: all.filter(({ type }) => type === 'pure').map(({ folder }) => `${folder}/src/**/*.ts`),
  ignores: tests,
  rules: {
    'no-restricted-globals': [
      'error',
      'process',
      'setTimeout',
      'setInterval',
      'fetch',
      'Buffer',
      'performance',
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: 'Pure code is given the time.' },
      { object: 'Math', property: 'random', message: 'Pure code has no randomness.' },
    ],
    'no-restricted-syntax': ['error', environmentRead, presentTime],
  },
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.cache/**',
      '.nx/**',
      '.reprise*/**',
      'libs/contracts/src/generated/**',
      '**/*.fixture.ts',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // A class with only a decorator is how Nest declares a module.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Nest declares some of its option types as classes; literals are how they are meant to be given.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  ...boundaries,
  {
    files: ['libs/*/src/**/*.ts', 'services/*/src/**/*.ts'],
    ignores: [...tests, '**/config.ts', 'libs/service/src/settings.ts', 'libs/testing/**'],
    rules: {
      'no-restricted-syntax': ['error', environmentRead],
    },
  },
  pure,
  {
    files: tests,
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
);
