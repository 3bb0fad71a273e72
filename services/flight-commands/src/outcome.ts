import type { Refusal } from '@reprise/decider';

/** The HTTP status of a refusal. */
export function statusOfRefusal({ kind }: Refusal): number {
  switch (kind) {
    case 'not-found':
      return 404;
    case 'conflict':
      return 409;
    case 'invalid':
      return 422;
  }
}

/** Why a command was not executed, as a problem tells it. */
export interface Hindrance {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

export const reusedId: Hindrance = {
  status: 422,
  code: 'command-id-reused',
  detail: 'This command id was used before, for another command. Nothing was done.',
};

/** `version`: the entity's present one; undefined when there is no such entity. */
export function versionMismatch(version: number | undefined): Hindrance {
  const present = version === undefined ? 'There is no such entity' : `The entity is at version ${version}`;
  return { status: 412, code: 'version-mismatch', detail: `${present}. Nothing was done.` };
}
