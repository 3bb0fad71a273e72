// Compiles one package: every src/**/*.ts that is not a test becomes dist/**/*.js; other files (Lua, SQL, JSON) are copied.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { transformFileSync } from '@swc/core';

const packageDir = resolve(process.argv[2] ?? '.');
const source = join(packageDir, 'src');
const target = join(packageDir, 'dist');
const isTest = (name) => /\.(spec|contract\.spec)\.ts$/.test(name);

rmSync(target, { recursive: true, force: true });
for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || isTest(entry.name)) continue;
  const from = join(entry.parentPath, entry.name);
  const to = join(target, relative(source, from));
  mkdirSync(dirname(to), { recursive: true });
  if (!entry.name.endsWith('.ts')) {
    cpSync(from, to);
    continue;
  }
  const { code, map } = transformFileSync(from, { configFile: join(import.meta.dirname, '../../.swcrc') });
  const jsPath = to.replace(/\.ts$/, '.js');
  writeFileSync(jsPath, `${code}\n//# sourceMappingURL=${entry.name.replace(/\.ts$/, '.js')}.map\n`);
  if (map) writeFileSync(`${jsPath}.map`, map);
}
