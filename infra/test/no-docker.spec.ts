import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { fakeDocker } from './fake-docker.js';

// Where sources are newer than what was built, they are built first.
jest.setTimeout(300_000);

const root = join(import.meta.dirname, '../..');

describe('npm run test:compose without a Docker engine', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'no-docker-'));
    // With the PATH that is there: what is to be built may need it.
    spawnSync(process.execPath, [join(root, 'infra/bin/test-compose.mjs'), '--days=no'], { cwd: root });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function prove(path: string, ...args: string[]) {
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, 'infra/bin/test-compose.mjs'), ...args],
      {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, PATH: path, DOCKER_HOST: 'unix:///nowhere/docker.sock' },
      },
    );
    return { status, said: stdout };
  }

  test('ends with 2 and says that nothing ran: without a docker program', () => {
    expect(prove(join(folder, 'empty'))).toEqual({
      status: 2,
      said: expect.stringMatching(/^NOT RUN: .*there is no docker on the PATH/m),
    });
  });

  test.each([
    ['an engine', '', /Cannot connect to the Docker daemon/],
    ['Compose', `'version '*) echo 28.0.0 ;;`, /compose version --short failed/],
  ])('ends with 2 and says that nothing ran: without %s', (lacking, cases, reason) => {
    const docker = fakeDocker(join(folder, lacking), cases);
    const { status, said } = prove(docker.path);
    expect([status, said]).toEqual([2, expect.stringMatching(/^NOT RUN: /m)]);
    expect(said).toMatch(reason);
    for (const call of docker.calls()) expect(call).toMatch(/^(version|compose version) /);
  });

  test('ends with 2 where an engine of its own cannot be started', () => {
    const args = ['--own-engine', `--engine-dir=${join(folder, 'engine')}`];
    expect(prove(join(folder, 'empty'), ...args)).toEqual({
      status: 2,
      said: expect.stringMatching(/^NOT RUN: .*(root only|no dockerd on the PATH)/m),
    });
  });

  test('an option that it does not know is another thing: 1', () => {
    expect(prove(join(folder, 'empty'), '--month=2').status).toBe(1);
  });
});
