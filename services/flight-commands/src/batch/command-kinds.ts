import { entityTypes } from '../entity-types.js';

/** Every command that a batch may hold, by its line's `type`. */
export const commandKinds = new Map(entityTypes.flatMap(({ commands }) => Object.entries(commands)));
