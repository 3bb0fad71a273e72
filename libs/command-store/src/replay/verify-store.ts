import { isDeepStrictEqual } from 'node:util';
import { StreamDecoder, StreamEncoder, type LogConnection } from '@reprise/log';
import type pg from 'pg';
import type { EntityType } from '../entity.js';
import { commandStoreError } from '../errors.js';
import { LogReplay } from './log-replay.js';
import {
  leave,
  openPool,
  reportOf,
  shownMost,
  type ReplayOptions,
  type ReplayReport,
} from './recover-store.js';
import * as sql from './replay-statements.js';
import {
  countStoreEntities,
  createDifferences,
  readDifferences,
  readUnlike,
  writeDifferences,
  type Unlike,
} from './verify-statements.js';

/** An entity whose state or version is not the same in the write store and in the log. */
export type StoreDifference = Omit<Unlike, 'storeState' | 'logState'>;

/** What was compared, and what differs: the first {@link shownMost} of each. */
export interface StoreVerification extends ReplayReport {
  readonly entitiesChecked: number;
  readonly differences: { readonly total: number; readonly first: readonly StoreDifference[] };
}

const schema = 'reprise_verification';
const pageRows = 500;

/**
 * Compares the write store with the topics, entity by entity: versions and states. Both may be at work: a difference counts
 * only when a second look, with what came meanwhile, finds the very same one, and nothing of the entity waits in the outbox.
 * The log is read into tables, so memory holds a window of it and a page of differences.
 *
 * @throws CodedError `recovery-runs` beside another verification.
 */
export async function verifyStore(options: ReplayOptions): Promise<StoreVerification> {
  const pool = openPool(options.connectionString);
  const replay = new LogReplay({ ...options, pool, schema });
  const owner = await pool.connect();
  try {
    if (!(await sql.lockReplay(owner, schema)))
      throw commandStoreError('recovery-runs', 'this write store is being verified already');
    await sql.dropSchema(owner, schema);
    await sql.createSchema(owner, schema);
    await createDifferences(owner, schema);
    const verifier = new Verifier(pool, options);
    await replay.readOn();
    const found = await verifier.look(1);
    await replay.readOn();
    if (found > 0) await verifier.look(2);
    const streams = options.entities.map(({ contract }) => contract.name);
    const verification = {
      ...(await reportOf(owner, schema)),
      entitiesChecked: await countStoreEntities(owner, streams),
      differences: await readDifferences(owner, schema, { looks: [1, 2], limit: shownMost }),
    };
    await sql.dropSchema(owner, schema);
    return verification;
  } finally {
    await replay.stop();
    await leave(pool, owner);
  }
}

class Verifier {
  constructor(
    private readonly pool: pg.Pool,
    private readonly options: Pick<ReplayOptions, 'entities' | 'log'>,
  ) {}

  /** Notes what differs now; how many there are. */
  async look(look: number): Promise<number> {
    let total = 0;
    for (const entity of this.options.entities) {
      const asPublished = await publishedForm(entity, this.options.log);
      const { name: stream, topic } = entity.contract;
      for (let after: string | undefined; ;) {
        const page = await readUnlike(this.pool, schema, { stream, topic, after, limit: pageRows });
        const found: Unlike[] = [];
        for (const unlike of page) if (!(await isSame(unlike, asPublished))) found.push(unlike);
        await writeDifferences(this.pool, schema, { look, found });
        total += found.length;
        after = page.at(-1)?.key;
        if (page.length < pageRows) break;
      }
    }
    return total;
  }
}

type PublishedForm = (state: unknown) => Promise<unknown>;

/** What readers would get of a state: it may have been stored before its contract got some fields. */
async function publishedForm({ contract }: EntityType<never>, log: LogConnection): Promise<PublishedForm> {
  const encoder = await StreamEncoder.open(contract, log);
  const decoder = StreamDecoder.whole(contract, log);
  const about = { event: '', version: 1, occurredAt: 0, changed: [], deleted: false };
  return async (state) => (await decoder.decode(encoder.encode({ ...about, state }))).state;
}

async function isSame(unlike: Unlike, asPublished: PublishedForm): Promise<boolean> {
  const { storeVersion, logVersion, storeState, logState } = unlike;
  if (storeVersion !== logVersion || storeState === null || logState === null) return false;
  return isDeepStrictEqual(plain(await asPublished(storeState)), plain(await asPublished(logState)));
}

/** Without the prototypes that decoding gives. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
