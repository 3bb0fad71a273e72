// Writes src/generated/streams.ts from schemas/: a type per record and enum, and the catalogue of streams.
// `node libs/contracts/generate.mjs --check` writes nothing and fails when the file is out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const target = join(import.meta.dirname, 'src/generated/streams.ts');
const upcastsDir = join(import.meta.dirname, 'src/upcasts');
const primitives = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
};

export function generate(schemasDir = join(root, 'schemas')) {
  const declared = new Map();
  const typeOf = (schema) => {
    if (Array.isArray(schema)) return schema.map(typeOf).join(' | ');
    if (typeof schema === 'string') return primitives[schema] ?? schema;
    switch (schema.type) {
      case 'record':
        declare(schema.name, `export interface ${schema.name} {\n${schema.fields.map(field).join('\n')}\n}`);
        return schema.name;
      case 'enum':
        declare(
          schema.name,
          `export type ${schema.name} = ${schema.symbols.map((s) => `'${s}'`).join(' | ')};`,
        );
        return schema.name;
      case 'array':
        return `readonly ${arrayItem(typeOf(schema.items))}[]`;
      case 'map':
        return `Readonly<Record<string, ${typeOf(schema.values)}>>`;
      default:
        return typeOf(schema.type);
    }
  };
  const arrayItem = (type) => (type.includes(' ') ? `(${type})` : type);
  const field = ({ name, type, doc }) =>
    `${doc ? `  /** ${doc} */\n` : ''}  readonly ${name}: ${typeOf(type)};`;
  const declare = (name, text) => {
    if (declared.has(name) && declared.get(name) !== text)
      throw new Error(`two different types are named ${name}`);
    declared.set(name, text);
  };

  const entries = [];
  const imports = ["import type { StreamContract } from '../stream.js';"];
  for (const name of readdirSync(schemasDir).sort()) {
    const policy = JSON.parse(readFileSync(join(schemasDir, name, 'stream.json'), 'utf8'));
    // A history stream tells the same facts as the stream of its entity, by the same schema.
    const folder = policy.schemaOf ?? name;
    const schema = JSON.parse(readFileSync(join(schemasDir, folder, 'schema.avsc'), 'utf8'));
    const state = typeOf(schema.fields.find((f) => f.name === 'state').type);
    const contract = {
      name,
      topic: policy.topic,
      subject: `${policy.topic}-value`,
      partitions: policy.partitions,
      retention: policy.retention,
      key: policy.key,
      erasedWhenDeleted: policy.erasedWhenDeleted,
      settings: policy.settings,
      schema,
    };
    const earlierSchemas = earlierThan(schema, join(schemasDir, folder, 'versions'));
    if (earlierSchemas.length > 0) contract.earlierSchemas = earlierSchemas;
    let text = JSON.stringify(contract, null, 2).replaceAll('\n', '\n  ');
    if (existsSync(join(upcastsDir, `${folder}.ts`))) {
      const upcasts = `${camelCase(folder)}Upcasts`;
      const line = `import { upcasts as ${upcasts} } from '../upcasts/${folder}.js';`;
      if (!imports.includes(line)) imports.push(line);
      text = text.replace(/\n {2}\}$/, `,\n    "upcasts": ${upcasts}\n  }`);
    }
    entries.push(`  ${camelCase(name)}: ${text} as StreamContract<${state}>,`);
  }
  return [
    '// Generated from schemas/ by generate.mjs. Do not edit.',
    imports.join('\n'),
    ...declared.values(),
    `/** Every stream there is, by its folder's name under schemas/ (in camel case). */\nexport const catalogue = {\n${entries.join('\n')}\n};`,
    '',
  ].join('\n\n');
}

/** The published versions, oldest first, without the one that `schema` is. */
function earlierThan(schema, versionsDir) {
  if (!existsSync(versionsDir)) return [];
  const published = readdirSync(versionsDir)
    .filter((name) => /^[1-9]\d*$/.test(name))
    .sort((left, right) => left - right)
    .map((name) => JSON.parse(readFileSync(join(versionsDir, name, 'schema.avsc'), 'utf8')));
  const isNewest = JSON.stringify(published.at(-1)) === JSON.stringify(schema);
  return isNewest ? published.slice(0, -1) : published;
}

function camelCase(name) {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}

if (process.argv[1] === import.meta.filename) {
  const text = generate();
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(
      'libs/contracts/src/generated/streams.ts is out of date: run node libs/contracts/generate.mjs',
    );
    process.exitCode = 1;
  }
}
