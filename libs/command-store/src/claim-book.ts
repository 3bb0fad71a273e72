import { refuse, type Refusal } from '@reprise/decider';
import type { EntityType } from './entity.js';

/** A value that at most one entity of a stream may have at a time. */
export interface UniqueRule<State> {
  /** Kebab-case, as `airline-name`. Another rule, or another meaning of `of`, needs another name. */
  readonly name: string;
  /** The value as it is compared, of at most 2,000 bytes; undefined when the entity claims none. */
  readonly of: (state: State) => string | undefined;
}

/** What an entity may claim. */
export interface ClaimedValue {
  readonly stream: string;
  readonly rule: string;
  readonly value: string;
}

/** What an entity holds. */
export interface Claim extends ClaimedValue {
  readonly key: string;
}

/** Who holds a value, by {@link claimId}: a key, or null for nobody. */
export type Holders = ReadonlyMap<string, string | null>;

export function claimId({ stream, rule, value }: ClaimedValue): string {
  return `${stream}/${rule}/${value}`;
}

/** What an entity in this state claims. `state` null or undefined: it does not exist. */
export function claimsOf({ contract, unique }: EntityType<never>, key: string, state: unknown): Claim[] {
  if (state === null || state === undefined) return [];
  return unique.flatMap(({ name, of }) => {
    const value = of(state);
    return value === undefined ? [] : [{ stream: contract.name, rule: name, value, key }];
  });
}

/**
 * Who holds what while commands are decided one after another. A value of which nobody knows who holds it counts as free,
 * and is noted: who decides has to find out, and to decide anew.
 */
export class ClaimBook {
  readonly unknown = new Map<string, ClaimedValue>();
  private readonly holders: Map<string, string | null>;

  constructor(known: Holders) {
    this.holders = new Map(known);
  }

  /** Gives back what was claimed before and takes what is claimed after, or refuses and does neither. */
  move(before: readonly Claim[], after: readonly Claim[]): Refusal | undefined {
    for (const claim of after) {
      const id = claimId(claim);
      const holder = this.holders.get(id);
      const isKept = before.some((old) => claimId(old) === id);
      if (holder === undefined && !isKept) this.unknown.set(id, claim);
      if (typeof holder === 'string' && holder !== claim.key) return taken(claim, holder);
    }
    for (const claim of before) this.holders.set(claimId(claim), null);
    for (const claim of after) this.holders.set(claimId(claim), claim.key);
    return undefined;
  }
}

function taken({ rule }: Claim, holder: string): Refusal {
  const what = rule.replaceAll('-', ' ');
  return refuse(
    'conflict',
    `${rule}-taken`,
    `This ${what} is held by ${holder}, and can be held by one only.`,
  );
}
