// Prints what is installed below the working folder as a bill of materials, CycloneDX 1.6: each package once, with version and licence.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const store = 'node_modules/.pnpm';

/** The folders of packages below a node_modules folder; those with a scope are a level deeper. */
function packagesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      name.startsWith('@')
        ? readdirSync(join(folder, name), { withFileTypes: true })
            .filter((entry) => entry.isDirectory())
            .map((entry) => join(folder, name, entry.name))
        : [join(folder, name)],
    );
}

function component(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const licence = typeof license === 'string' ? license : license?.type;
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(licence === undefined ? {} : { licenses: [{ expression: licence }] }),
  };
}

const components = new Map(
  readdirSync(store)
    .flatMap((name) => packagesIn(join(store, name, 'node_modules')))
    .map(component)
    .map((found) => [found.purl, found]),
);
const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name, version } },
  components: [...components.values()].sort((left, right) => (left.purl < right.purl ? -1 : 1)),
};
console.log(JSON.stringify(bill, null, 1));
