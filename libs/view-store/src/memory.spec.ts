import { describeViewStore, type TestRow } from './contract.js';
import { MemoryViewStore } from './memory.js';

describeViewStore({
  name: 'memory',
  make: () => {
    const store = new MemoryViewStore<TestRow>();
    return Promise.resolve({ store, stop: () => store.stop() });
  },
  capabilities: { groups: true },
  runs: 300,
});
