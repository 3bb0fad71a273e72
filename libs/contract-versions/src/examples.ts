import { readerSchema, type AvroRecordSchema, type Envelope, type StreamContract } from '@reprise/contracts';
import { messageOf } from '@reprise/kernel';
import { SchemaReader, typeOf } from '@reprise/log';
import { projector, type AnyView } from '@reprise/view';
import type { ContractFolder, PublishedVersion } from './contract-folder.js';
import type { Finding } from './finding.js';

/**
 * Events as each version wrote them are put through every view of the stream, as a rebuild would: decoded with the fields
 * that the view reads, and projected.
 */
export function exampleFindings(
  folder: ContractFolder,
  views: readonly AnyView<unknown>[],
): readonly Finding[] {
  const readers = views.filter(({ source }) => folder.streams.includes(source.name));
  return folder.versions.flatMap((version) =>
    [...version.examples].flatMap(([name, example]) => {
      const bytes = encoded(version.schema, example);
      if (typeof bytes === 'string') return broken(folder, { version, name }, `is no event of it: ${bytes}`);
      return readers.flatMap((view) => {
        const failure = projected(view, { bytes, writer: version.schema, newest: folder.workingCopy });
        return failure === undefined
          ? []
          : broken(folder, { version, name }, `cannot be taken by view ${view.name}: ${failure}`);
      });
    }),
  );
}

/** The bytes; a text says why there are none. */
export function encoded(schema: AvroRecordSchema, example: unknown): Buffer | string {
  try {
    const type = typeOf(schema);
    const wrong: string[] = [];
    type.isValid(example, { errorHook: (path) => wrong.push(path.join('.')) });
    return wrong.length > 0 ? `${wrong.join(', ')} is not what the schema says` : type.toBuffer(example);
  } catch (failure) {
    return messageOf(failure);
  }
}

interface Written {
  readonly bytes: Buffer;
  readonly writer: AvroRecordSchema;
  readonly newest: AvroRecordSchema;
}

/** Why the view cannot take it; undefined when it can. */
function projected(view: AnyView<unknown>, { bytes, writer, newest }: Written): string | undefined {
  try {
    const contract: StreamContract<unknown> = { ...view.source, schema: newest };
    const reader = new SchemaReader(contract, readerSchema(newest, view.fields));
    const envelope = reader.readingOf(typeOf(writer))(bytes) as Envelope<unknown>;
    if (view.fold) view.project(view.fold.evolve(view.fold.initial, envelope), {});
    else projector(view, () => null).project(envelope.state);
    return undefined;
  } catch (failure) {
    return messageOf(failure);
  }
}

function broken(
  { stream, path }: ContractFolder,
  { version, name }: { version: PublishedVersion; name: string },
  reason: string,
): Finding {
  const at = `${path}/versions/${version.number}/golden/${name}`;
  return {
    stream,
    code: 'example-broken',
    text: `stream ${stream}, version ${version.number}: ${at} ${reason}`,
  };
}
