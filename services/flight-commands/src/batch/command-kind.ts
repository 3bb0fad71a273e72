import type { EntityType } from '@reprise/command-store';
import { z } from 'zod';
import { unstated } from '../clock.js';
import type { Target } from '../http/command-desk.js';

export type Reading =
  | { readonly target: Target }
  | { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };

/** Reads the fields of a line that are neither its id nor its type. `nowMs` is the time of a command that states none. */
export type CommandKind = (fields: Readonly<Record<string, unknown>>, nowMs: number) => Reading;

/** The body of a command that needs none. */
export const nothing = z.strictObject({});

interface KeyForm {
  readonly field: 'key' | 'flightId';
  readonly schema: z.ZodType<string>;
}

/** Readers of the commands on one kind of entity: the key's field, and for the rest the body of the REST route. */
export function commandsOn<Command>(entity: EntityType<Command>, keyForm: KeyForm) {
  return <Body extends z.ZodType>(
    bodySchema: Body,
    commandOf: (body: z.output<Body>, key: string, nowMs: number) => Command,
  ): CommandKind => {
    return ({ [keyForm.field]: writtenKey, ...fields }, nowMs) => {
      const key = keyForm.schema.safeParse(writtenKey);
      if (!key.success)
        return { issues: key.error.issues.map(({ message }) => ({ path: [keyForm.field], message })) };
      const body = bodySchema.safeParse(fields);
      if (!body.success) return { issues: body.error.issues };
      const at = (ms: number): Command => commandOf(body.data, key.data, ms);
      return { target: { entity, key: key.data, command: at(nowMs), asked: at(unstated) } };
    };
  };
}

/** Every command on one kind of entity, by its line's `type`. */
export type CommandKinds = Readonly<Record<string, CommandKind>>;
