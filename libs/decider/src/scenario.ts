import { isRefusal, type Decider, type Decision, type DomainEvent } from './decider.js';

/**
 * Given / when / then for a decider: folds what happened, decides, and hands back the decision and the state after it.
 *
 * @example scenario(flight).given(scheduled).when(depart)  // → { decision, state }
 */
export function scenario<State, Command, Event extends DomainEvent>(decider: Decider<State, Command, Event>) {
  const fold = (state: State | undefined, events: readonly Event[]): State | undefined =>
    events.reduce<State | undefined>(
      (folded, event) => (decider.isDeletion(event) ? undefined : decider.evolve(folded, event)),
      state,
    );
  return {
    given(...history: readonly Event[]) {
      const before = fold(undefined, history);
      return {
        when(command: Command): { decision: Decision<Event>; state: State | undefined } {
          const decision = decider.decide(before, command);
          return { decision, state: isRefusal(decision) ? before : fold(before, decision) };
        },
      };
    },
  };
}
