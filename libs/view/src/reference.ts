import type { StreamContract } from '@reprise/contracts';
import type { AnyView, Contribution } from './definition.js';

/** A join: the entity's field `by` holds the key of an entity of another, small stream. */
export interface Reference<Read, By extends string = string> {
  readonly by: By;
  readonly source: StreamContract<unknown>;
  readonly fields: readonly string[];
  /** Present in the type only: what a projection is given of it. */
  readonly reads?: Read;
}

export type References<Field extends string> = Readonly<Record<string, Reference<unknown, Field>>>;

/** What a projection is given: each reference's state, or null when it is not there. */
export type Joined<Refs> = {
  readonly [Name in keyof Refs]: Refs[Name] extends Reference<infer Read> ? Read | null : never;
};

/** A reference with the name that the definition gave it. */
export interface AnyReference extends Reference<unknown> {
  readonly name: string;
}

/** `reference('carrier', catalogue.airline, ['name'])`: the airline whose key the field `carrier` holds. */
export function reference<State, Field extends keyof State & string, By extends string>(
  by: By,
  source: StreamContract<State>,
  fields: readonly Field[],
): Reference<Pick<State, Field>, By> {
  return { by, source, fields };
}

/** Looks a referenced entity up: its state, or null when it is not there. */
export type LookUp = (stream: string, key: string) => unknown;

/** What a view makes of an entity's state, given the references as they are now. */
export interface Projector<Row> {
  readonly project: (state: unknown) => readonly Contribution<Row>[];
  /** Ids of all that the state refers to, there or not. */
  readonly referencesOf: (state: unknown) => readonly string[];
  /** True when the state must be kept: to project it again when a reference changes, or to fold on. */
  readonly keepsState: boolean;
}

export function projector<Row>(view: AnyView<Row>, lookUp: LookUp): Projector<Row> {
  const keysOf = (state: unknown): (readonly [AnyReference, string | null])[] =>
    view.references.map((reference) => [reference, keyIn(state, reference.by)] as const);
  return {
    keepsState: view.references.length > 0 || view.fold !== undefined,
    project: (state) => {
      const joined = keysOf(state).map(
        ([{ name, source }, key]) =>
          [name, key === null ? null : (lookUp(source.name, key) ?? null)] as const,
      );
      return view.project(state, Object.fromEntries<unknown>(joined));
    },
    referencesOf: (state) => {
      const ids = keysOf(state).flatMap(([{ source }, key]) =>
        key === null ? [] : [referenceId(source.name, key)],
      );
      return [...new Set(ids)];
    },
  };
}

/** Names one referenced entity: `airport/JFK`. */
export function referenceId(stream: string, key: string): string {
  return `${stream}/${key}`;
}

/** The streams that a view joins, each once, with all fields that any of its references reads. */
export function referenceStreams(
  view: Pick<AnyView<unknown>, 'references'>,
): { readonly source: StreamContract<unknown>; readonly fields: readonly string[] }[] {
  return [...Map.groupBy(view.references, ({ source }) => source.name).values()].flatMap((references) => {
    const [first] = references;
    return first
      ? [{ source: first.source, fields: [...new Set(references.flatMap(({ fields }) => fields))] }]
      : [];
  });
}

/** Names of the state's fields, as the contract has them. @throws RangeError when it has no state. */
export function stateFields(contract: StreamContract<unknown>): ReadonlySet<string> {
  const state = contract.schema.fields.find((field) => field.name === 'state')?.type;
  if (!isRecordSchema(state)) throw new RangeError(`stream ${contract.name} has no state record`);
  return new Set(state.fields.map((field) => field.name));
}

function isRecordSchema(schema: unknown): schema is { fields: readonly { name: string }[] } {
  return typeof schema === 'object' && schema !== null && 'fields' in schema && Array.isArray(schema.fields);
}

function keyIn(state: unknown, field: string): string | null {
  const key: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, field) : undefined;
  return typeof key === 'string' && key !== '' ? key : null;
}
