// Installs and builds, with nothing but Node >= 18 and npm; then runs a program of infra/dist with the pinned Node.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const pnpm = 'pnpm@12.21.0';
const pinnedNode = join(root, 'node_modules/node/bin/node');
const installStamp = join(root, 'node_modules/.reprise-installed');
const buildStamp = join(root, 'node_modules/.reprise-built');
const quiet = {
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
  NX_INTERACTIVE: 'false',
  COREPACK_ENABLE_STRICT: '0',
  npm_config_update_notifier: 'false',
  CI: 'true',
};

/** Runs <folder>/dist/<name>.js with our own arguments; its exit code becomes ours. */
export async function run(name, folder = 'infra') {
  try {
    install();
    build();
  } catch (failure) {
    console.error(failure.message);
    process.exit(1);
  }
  await exec(join(root, folder, 'dist', `${name}.js`));
}

function install() {
  const wanted = hash(['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]);
  if (existsSync(pinnedNode) && read(installStamp) === wanted) return;
  console.log('Installing packages …');
  const { status } = spawnSync(
    'npx',
    ['-y', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...quiet },
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0)
    throw new Error(
      'The packages could not be installed: check that the npm registry can be reached (npm ping), then run the command again.',
    );
  writeFileSync(installStamp, wanted);
}

function build() {
  const wanted = hash(sources());
  if (read(buildStamp) === wanted && existsSync(join(root, 'infra/dist/start.js'))) return;
  console.log('Building …');
  const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
  const result = spawnSync(pinnedNode, [nx, 'run-many', '-t', 'build', '--outputStyle=static'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...quiet, PATH: `${dirname(pinnedNode)}:${process.env.PATH}` },
  });
  if (result.status !== 0) throw new Error(`The build failed.\n${result.stdout}${result.stderr}`);
  writeFileSync(buildStamp, wanted);
}

/** package.json of every package. */
function manifests() {
  return packageFolders().map((folder) => `${folder}/package.json`);
}

function packageFolders() {
  const nested = ['libs', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  return [...nested, 'infra', 'infra/view-template', 'bench', 'chaos'].filter((folder) =>
    existsSync(join(root, folder, 'package.json')),
  );
}

/** Everything that the build reads. */
function sources() {
  const files = packageFolders().flatMap((folder) => filesBelow(`${folder}/src`));
  return ['.swcrc', 'infra/bin/build.mjs', 'pnpm-lock.yaml', ...manifests(), ...files];
}

function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    return statSync(join(root, path)).isDirectory() ? filesBelow(path) : [path];
  });
}

function hash(files) {
  const digest = createHash('sha256').update(process.platform + process.arch);
  for (const file of files.sort()) digest.update(file).update(readFileSync(join(root, file)));
  return digest.digest('hex');
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Signals are passed on: they may be sent to us alone. From a terminal the program gets them twice, which it allows for. */
function exec(program) {
  const child = spawn(pinnedNode, ['--enable-source-maps', program, ...process.argv.slice(2)], {
    stdio: 'inherit',
    cwd: root,
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => child.kill('SIGINT'));
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal ? 130 : 1);
      resolve();
    });
  });
}
