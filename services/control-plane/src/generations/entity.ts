import { defineEntity, type EntityType } from '@reprise/command-store';
import type { StreamContract, ViewGenerations } from '@reprise/contracts';
import type { GenerationsCommand } from './commands.js';
import { generationsDecider } from './decider.js';

/** The one kind of entity here: a view with all its generations. Its key is the view's name. */
export function viewGenerationsOn(contract: StreamContract<ViewGenerations>): EntityType<GenerationsCommand> {
  return defineEntity({ contract, decider: generationsDecider });
}
