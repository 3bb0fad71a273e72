// Prints what the changelog says of a version. Fails, with the reason, unless package.json, the chart and the changelog agree on it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const [version = ''] = process.argv.slice(2);

function fail(reason) {
  console.error(`release-notes: ${reason}`);
  process.exit(1);
}

if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) fail(`"${version}" is no version, as 1.2.3`);
const { version: declared } = JSON.parse(read('package.json'));
if (declared !== version) fail(`package.json has version ${declared}, not ${version}`);
for (const field of ['version', 'appVersion']) {
  const [, charted] = new RegExp(`^${field}: (.+)$`, 'm').exec(read('infra/helm/reprise/Chart.yaml')) ?? [];
  if (charted !== version) fail(`infra/helm/reprise/Chart.yaml has ${field} ${charted}, not ${version}`);
}
const sections = read('CHANGELOG.md').split(/^## /m);
const section = sections.find((text) => text.startsWith(`${version} `) || text.startsWith(`[${version}]`));
if (section === undefined) fail(`CHANGELOG.md has no section ${version}: rename "Unreleased", and date it`);
console.log(section.slice(section.indexOf('\n')).trim());
