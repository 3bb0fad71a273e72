import type { LogWindow } from '@reprise/log';
import { projector } from '@reprise/view';
import type { Claim, GenerationStore } from '@reprise/view-store';
import type { StateDecoder, WindowSource } from '../../src/loading/newest-states.js';
import type { FeedTally } from '../../src/measuring/feed-tally.js';
import { PartitionLoader, type LoadOutcome } from '../../src/loading/partition-loader.js';
import type { JoinedStreams } from '../../src/references/reference-table.js';
import { viewOf, type SimRow, type World } from './world.js';

export interface SimulatedLoadsOptions {
  readonly world: World;
  readonly store: GenerationStore<SimRow>;
  readonly joined: JoinedStreams;
  readonly isCurrent: (partition: string) => boolean;
  readonly turn: () => Promise<void>;
  readonly tally?: FeedTally;
}

/** Fewer than there are in a partition. */
const maxEntities = 1;
const windowOffsets = 3n;
const nobody: ReadonlySet<string> = new Set();

/** Fills partitions as a process does it that feeds a generation which is to be loaded, from a log that is read in short windows. */
export function simulatedLoads(options: SimulatedLoadsOptions): (claim: Claim) => Promise<LoadOutcome> {
  const { world, joined, turn } = options;
  const loader = new PartitionLoader<SimRow>({
    ...options,
    source: windowsOf(world, turn),
    decoder: decoderOf(world),
    projector: projector(viewOf(world), (stream, key) => joined.lookUp(stream, key)),
    ends: async (partition) => {
      await turn();
      return { start: 0n, end: world.ends.get(partition) ?? 0n };
    },
    references: () => joined.positions(),
    maxEntities,
    onLoaded: turn,
    pause: turn,
  });
  return async (claim) => {
    const outcome = claim.loading === '' ? { claim, unclear: nobody, end: 0n } : await loader.load(claim);
    await loader.finish(claim.partition);
    return outcome;
  };
}

function windowsOf(world: World, turn: () => Promise<void>): WindowSource {
  return {
    backwards: async function* ({ partition, from, to }): AsyncGenerator<LogWindow> {
      for (let top = to; top > from;) {
        await turn();
        const bottom = top - windowOffsets > from ? top - windowOffsets : from;
        const records = world.logs.get(partition) ?? [];
        yield {
          from: bottom,
          to: top,
          records: records.filter(({ offset }) => offset >= bottom && offset < top),
        };
        top = bottom;
      }
    },
  };
}

function decoderOf(world: World): StateDecoder {
  return { decodeState: () => undefined, decode: (value) => Promise.resolve(world.decode(value)) };
}
