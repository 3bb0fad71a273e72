// Who may import whom, read from the tags in each package.json (`nx.tags`): the one place where a package says what it is.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What each type of package may import. Arrows point one way: pure ← port ← adapter ← runtime ← service. */
export const allowed = {
  pure: ['pure'],
  port: ['pure', 'port'],
  adapter: ['pure', 'port', 'adapter'],
  runtime: ['pure', 'port', 'adapter', 'runtime'],
  service: ['pure', 'port', 'adapter', 'runtime'],
  tooling: ['pure', 'port', 'adapter', 'runtime', 'tooling', 'testing'],
  /** Looks at the whole from outside, as an operator could: at the views' definitions too, to know what they must hold. */
  trial: ['pure', 'port', 'adapter', 'runtime', 'service', 'tooling'],
  testing: ['pure', 'port', 'adapter', 'runtime', 'testing'],
};

/** Modules that only these packages may import: every client has one door. */
export const soleImporters = {
  kafkajs: ['libs/log'],
  'kafkajs-published': ['bench'],
  '@kafkajs/confluent-schema-registry': ['libs/log'],
  avsc: ['libs/log', 'libs/contract-versions'],
  ioredis: ['libs/view-store-redis'],
  '@elastic/elasticsearch': ['libs/view-store-elasticsearch'],
  'prom-client': ['libs/service'],
  testcontainers: ['libs/testing'],
};

export function packages(root) {
  const folders = ['libs', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  return [...folders, 'infra', 'infra/view-template', 'bench', 'chaos'].map((folder) => {
    const { name, nx } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const type = nx.tags.find((tag) => tag.startsWith('type:'))?.slice('type:'.length);
    if (!(type in allowed)) throw new Error(`${folder}/package.json: nx.tags names no known type`);
    return { folder, name, type };
  });
}
