import { afterAll, afterEach } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { ElasticsearchViewStore } from '../src/store.js';
import { taggedLayout, type TaggedRow } from './tagged.js';

/** A store for the tests of one file, whose generations are dropped after each of them. */
export function openedGenerations() {
  const store = new ElasticsearchViewStore<TaggedRow>({
    node: testConnections().elasticsearchUrl,
    layout: taggedLayout,
  });
  const dropping: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const drop of dropping.splice(0)) await drop();
  });
  afterAll(() => store.stop());
  const opened = async (name = uniqueName('store'), options = { load: false }) => {
    const generation = store.generation(name);
    await generation.open(['t/0'], options);
    dropping.push(() => generation.drop());
    return { name, generation };
  };
  return { store, opened, dropping };
}
