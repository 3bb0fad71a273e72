import type { PostgresViewStore } from '@reprise/view-store-postgres';
import { z } from 'zod';
import { shown, timelineRow, type ShownTimeline, type TimelineRow } from './row.js';

const stored = z.object({ content: timelineRow });

/** What can be asked of a generation of the view. */
export class TimelineQueries {
  constructor(private readonly store: Pick<PostgresViewStore<TimelineRow>, 'tables' | 'query'>) {}

  /** Undefined when nothing ever happened to such a flight. */
  async find(generation: string, flightId: string): Promise<ShownTimeline | undefined> {
    const { rows } = this.store.tables(generation);
    const found = await this.store.query(`SELECT content FROM ${rows} WHERE entity = $1 AND key = $1`, [
      flightId,
    ]);
    return found.map((row) => shown(stored.parse(row).content))[0];
  }
}
