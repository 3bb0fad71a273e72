import { PostgresViewStore } from '@reprise/view-store-postgres';

/** @param connectionString Postgres database of this view alone. */
export function punctualityStore(connectionString: string): PostgresViewStore<never> {
  return new PostgresViewStore<never>({
    connectionString,
    layout: {
      parseRow: () => {
        throw new TypeError('route-punctuality has groups only, no rows');
      },
      groups: {
        columns: { origin: 'text', destination: 'text', carrier: 'text', month: 'text', hour: 'integer' },
        measures: [
          'flights',
          'cancelled',
          'departed',
          'arrived',
          'diverted',
          'departure_delays',
          'departure_delay_minutes',
          'arrival_delays',
          'arrival_delay_minutes',
          'on_time',
        ],
        indexes: [['destination']],
      },
    },
  });
}
