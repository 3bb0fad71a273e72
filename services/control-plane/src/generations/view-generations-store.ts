import type { CommandStore, EntityType } from '@reprise/command-store';
import type { Provenance, ViewGenerations } from '@reprise/contracts';
import { refuse, type Refusal } from '@reprise/decider';
import type { GenerationsCommand } from './commands.js';
import { parseStoredView } from './stored-view.js';

/** The view as it is after the command, or why nothing was done. */
export type ViewOutcome = ViewGenerations | Refusal;

export function wasRefused(outcome: ViewOutcome): outcome is Refusal {
  return 'refused' in outcome;
}

/** What no store could keep is the name of no view. */
const nameable = /^[\x21-\x7e]{1,200}$/;

/** The command store, spoken to in the words of generations. */
export class ViewGenerationsStore {
  constructor(
    private readonly store: Pick<CommandStore, 'execute' | 'read'>,
    private readonly entity: EntityType<GenerationsCommand>,
  ) {}

  /** @throws CodedError `command-store-unavailable`. */
  async execute(view: string, command: GenerationsCommand, provenance: Provenance): Promise<ViewOutcome> {
    if (!nameable.test(view)) return unknownView(view);
    const [outcome] = await this.store.execute([{ entity: this.entity, key: view, command, provenance }]);
    if (!outcome) throw new RangeError('the command store answered nothing');
    return outcome.kind === 'refused' ? outcome.refusal : this.read(view);
  }

  /** @throws CodedError `command-store-unavailable`. */
  async read(view: string): Promise<ViewOutcome> {
    const found = nameable.test(view) ? await this.store.read(this.entity, view) : undefined;
    if (found?.state === undefined) return unknownView(view);
    return parseStoredView(found.state);
  }
}

function unknownView(view: string): Refusal {
  return refuse('not-found', 'unknown-view', `There is no view ${view}.`);
}
