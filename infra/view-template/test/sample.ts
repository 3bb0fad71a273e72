import type { TemplateViewRow } from '../src/row.js';

/** An entity of the stream airport, as far as the view reads it. */
export const sample: TemplateViewRow = {
  // <sample>
  faa: 'JFK',
  name: 'John F Kennedy Intl',
  latitude: 40.639751,
  longitude: -73.778925,
  altitudeFeet: 13,
  timeZone: 'America/New_York',
  // </sample>
};
