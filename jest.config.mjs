import { readFileSync } from 'node:fs';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/*.spec.ts'],
  testTimeout: 60_000,
  transform: {
    '^.+\\.ts$': ['@swc/jest', JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'))],
  },
  moduleNameMapper: {
    // A package is tested from its sources; beside the index, `/contract` and a service's `/view` are doors too.
    '^@reprise/([a-z0-9-]+)/view$': '<rootDir>/services/$1/src/view.ts',
    '^@reprise/infra$': '<rootDir>/infra/src/index.ts',
    '^@reprise/([a-z-]+)/contract$': '<rootDir>/libs/$1/src/contract.ts',
    '^@reprise/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/\\.cache/', '/\\.reprise'],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.cache/', '<rootDir>/.reprise', '<rootDir>/.nx/'],
};
