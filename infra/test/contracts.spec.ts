import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkContracts, loadViews } from '@reprise/contract-versions';
import { viewServices } from '../src/view-services.js';

const root = join(import.meta.dirname, '../..');

test('the contracts of this checkout can be deployed: versions are unchanged, and each reader reads all of them', async () => {
  const found = await loadViews(root, 'types');
  expect(found.views.map(({ name }) => name).toSorted()).toEqual(
    viewServices(root)
      .map(({ name }) => name)
      .toSorted(),
  );
  const check = checkContracts(root, found);
  expect(check.findings.map(({ text }) => text)).toEqual([]);
  expect(check.versions).toBeGreaterThanOrEqual(check.streams);
});
