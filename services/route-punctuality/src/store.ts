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
        columns: {
          origin: 'text',
          origin_name: 'text',
          destination: 'text',
          destination_name: 'text',
          carrier: 'text',
          airline_name: 'text',
          month: 'text',
          hour: 'integer',
        },
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
          'seats',
        ],
        extremes: ['departure_delay_minutes', 'arrival_delay_minutes'],
        indexes: [['origin', 'destination'], ['destination']],
      },
    },
  });
}
