import { catalogue } from '@reprise/contracts';
import { defineView, row } from '@reprise/view';
import type { TemplateViewRow } from './row.js';

/** One row for each entity of the stream airport. */
export const templateView = defineView({
  name: 'template-view',
  version: 1,
  source: catalogue.airport,
  fields: [
    // <fields>
    'faa',
    'name',
    'latitude',
    'longitude',
    'altitudeFeet',
    'timeZone',
    // </fields>
  ],
  project: (airport) => [
    row<TemplateViewRow>(airport.faa, {
      // <project>
      faa: airport.faa,
      name: airport.name,
      latitude: airport.latitude,
      longitude: airport.longitude,
      altitudeFeet: airport.altitudeFeet,
      timeZone: airport.timeZone,
      // </project>
    }),
  ],
});
