import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from './failure.js';
import { addToCheckout } from './new-view/checkout.js';
import { withViewServices } from './new-view/compose.js';
import { gatewayFile, gatewayPath } from './new-view/gateway.js';
import { installPackages } from './new-view/install.js';
import { renderView, type NewView, type WrittenFile } from './new-view/render.js';
import { readRequest } from './new-view/request.js';
import { defaultPortBase } from './options.js';
import { say } from './screen.js';

const root = join(import.meta.dirname, '../..');

/** `pnpm new:view`: writes the folder of a view, ready to be started. */
async function main(): Promise<void> {
  const view = readRequest(root, process.argv.slice(2));
  const folder = `services/${view.name}`;
  const files = await renderView(view, join(root, 'infra/view-template'));
  const compose = 'docker-compose.yml';
  const outside = [
    { path: compose, text: withViewServices(readFileSync(join(root, compose), 'utf8'), view) },
    { path: gatewayPath(view), text: gatewayFile(view) },
  ];
  addToCheckout(root, { folder, files, outside }, installPackages);
  say(summary(view, folder, files));
}

function summary(
  { name, stream, portOffset }: NewView,
  folder: string,
  files: readonly WrittenFile[],
): string {
  const lines = files.map(({ path, text }) => `  ${path.padEnd(26)} ${text.split('\n').length - 1} lines`);
  const leftOut =
    stream.leftOut.length > 0 ? [`\nLists and records are left out: ${stream.leftOut.join(', ')}.`] : [];
  return [
    `${folder}/`,
    ...lines,
    `and in docker-compose.yml its two processes, in ${gatewayPath({ name })} their gateway, in pnpm-lock.yaml its packages.`,
    ...leftOut,
    `
Next:
  change src/row.ts and src/definition.ts to what you want to show
  npm test -- ${folder}
  npm start -- --no-replay
  curl 'http://127.0.0.1:${defaultPortBase + portOffset}/${name}?limit=3'
docs/add-a-view.md goes through it.`,
  ].join('\n');
}

// What was begun is taken back by then: an interruption ends pnpm, which fails, which is seen to.
process.on('SIGINT', () => undefined).on('SIGTERM', () => undefined);
main().catch((failure: unknown) => {
  process.stderr.write(`${reasonOf(failure)}\nNothing was changed.\n`);
  process.exitCode = 1;
});
