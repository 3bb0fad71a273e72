import { describe, expect, test } from '@jest/globals';
import { projector } from '@reprise/view';
import { sample } from '../test/sample.js';
import { templateView } from './definition.js';
import { templateViewRow } from './row.js';

const { project } = projector(templateView, () => null);

describe('template-view', () => {
  test('has one row for an entity, under its key', () => {
    expect(project(sample)).toEqual([{ kind: 'row', key: sample.faa, row: sample }]);
  });

  test('reads its rows back from the store as they were', () => {
    for (const contribution of project(sample)) {
      if (contribution.kind !== 'row') throw new Error('an entity contributes rows');
      expect(templateViewRow.parse(JSON.parse(JSON.stringify(contribution.row)))).toEqual(contribution.row);
    }
  });
});
