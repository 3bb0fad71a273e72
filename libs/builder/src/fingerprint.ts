import { createHash } from 'node:crypto';
import { stateFields, type AnyView } from '@reprise/view';

/**
 * Tells one code of a definition from another: what it declares, the text of its functions, and, since these may call others
 * that no text here shows, what they make of made-up entities. 16 hexadecimal digits.
 */
export function fingerprintOf(view: AnyView<unknown>): string {
  const { name, source, fields, references, fold, code } = view;
  const declared = references.map(({ name: as, by, source: joined, fields: read }) => [
    as,
    by,
    joined.topic,
    read,
  ]);
  const told = [name, source.topic, fields, declared, fold?.initial ?? null, code, behaviour(view)];
  // What old records tell depends on them as well.
  const upcasts = upcastsRead(view);
  if (upcasts.length > 0) told.push(upcasts);
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
}

function upcastsRead({ source, fields, references }: AnyView<unknown>): string[] {
  return [{ source, fields }, ...references].flatMap((read) =>
    (read.source.upcasts ?? [])
      .filter(({ field }) => read.fields.includes(field))
      .map((upcast) => `${upcast.field} ${upcast.reads.join(' ')} ${String(Reflect.get(upcast, 'fill'))}`),
  );
}

const samples = 40;

/** What the view makes of entities whose fields hold, one after another, values of every kind. */
function behaviour(view: AnyView<unknown>): unknown[] {
  const fields = [...stateFields(view.source)].filter((field) => view.fields.includes(field));
  return Array.from({ length: samples }, (_, sample) => {
    const entity = Object.fromEntries(fields.map((field, place) => [field, valueOf(sample, place)]));
    try {
      const state = view.fold
        ? view.fold.evolve(view.fold.initial, {
            event: `Event${sample % 5}`,
            version: 1,
            occurredAt: sample,
            changed: fields,
            deleted: sample % 7 === 0,
            state: entity,
          })
        : entity;
      return view.project(state, Object.fromEntries(view.references.map(({ name }) => [name, null])));
    } catch {
      return 'refused';
    }
  });
}

const values: readonly unknown[] = [
  'JFK',
  0,
  1_370_000_000_000,
  null,
  'arrived',
  17,
  true,
  'cancelled',
  -5,
  'scheduled',
  3.5,
  '',
];

function valueOf(sample: number, place: number): unknown {
  return values[(sample * 7 + place * 5 + ((sample * place) % 11)) % values.length];
}
