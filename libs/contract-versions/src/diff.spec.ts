import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gate, id, TestCheckout, weight } from '../test/checkout.js';
import { readContracts, type ContractFolder } from './contract-folder.js';
import { diffContract } from './diff.js';
import { publish } from './publish.js';

let checkout: TestCheckout;

beforeEach(() => {
  checkout = new TestCheckout();
  checkout.edit([id, weight]);
  publish(checkout.root, 'parcel', []);
});
afterEach(() => {
  checkout.remove();
});

function folder(): ContractFolder {
  const [found] = readContracts(checkout.root);
  if (!found) throw new Error('no contract');
  return found;
}

const place = (...fields: object[]) => ({
  type: ['null', { type: 'record', name: 'Place', fields }],
  default: null,
});
const city = { name: 'city', type: 'string' };

test('of one version there is nothing to tell', () => {
  expect(diffContract(folder())).toMatchObject({ from: 'version 1', to: 'version 1', differences: [] });
});

test('what is not published yet is compared with the newest version', () => {
  checkout.edit([id, { ...weight, type: 'long', doc: 'Grams.' }, gate]);
  expect(diffContract(folder())).toEqual({
    stream: 'parcel',
    from: 'version 1',
    to: 'schema.avsc (not published)',
    differences: [
      { field: 'state.weightGrams', kind: 'changed', before: 'int', after: 'long' },
      { field: 'state.gate', kind: 'added', before: undefined, after: 'string = "?"' },
    ],
  });
});

test('any two versions can be compared, in either direction, down to fields of records within', () => {
  checkout.edit([id, weight, { name: 'to', ...place(city) }]);
  publish(checkout.root, 'parcel', []);
  checkout.edit([id, weight, { name: 'to', ...place(city, { name: 'zip', type: 'string', default: '' }) }]);
  publish(checkout.root, 'parcel', []);
  expect(diffContract(folder(), { from: 2, to: 3 }).differences).toEqual([
    { field: 'state.to.zip', kind: 'added', before: undefined, after: 'string = ""' },
  ]);
  expect(
    diffContract(folder(), { from: 3, to: 1 }).differences.map(({ kind, field }) => [kind, field]),
  ).toEqual([
    ['removed', 'state.to'],
    ['removed', 'state.to.city'],
    ['removed', 'state.to.zip'],
  ]);
});

test('a version that there is not is refused', () => {
  expect(() => diffContract(folder(), { from: 7 })).toThrow('stream parcel has versions 1 to 1, not 7');
});
