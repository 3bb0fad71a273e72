import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EngineImages } from './engine-images.js';
import { fakeDocker, type FakeDocker } from '../../test/fake-docker.js';

const answers = `'version '*) echo 28.0.0 ;;
'compose version'*) echo 2.40.3 ;;`;
const images = ['apache/kafka:4.3.0', 'apicurio:3', 'postgres:18.4', 'redis:7.2.11', 'elasticsearch:9.5.3'];
const names = ['kafka', 'registry', 'postgres', 'redis', 'elasticsearch'];
const config = JSON.stringify({
  services: Object.fromEntries(names.map((name, place) => [name, { image: images[place] }])),
});
const configured = `${answers}
'compose --file='*) echo '${config}' ;;`;
const allButRedis = `${configured}
'image ls --quiet redis'*) ;;
'image ls '*) echo 4f66ad9a0b2e ;;`;

describe('images of the engines', () => {
  const path = process.env['PATH'];
  let folder: string;
  let said: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'images-'));
    said = [];
  });
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });

  function on(cases: string): { docker: FakeDocker; engine: EngineImages } {
    const docker = fakeDocker(folder, cases);
    process.env['PATH'] = `${docker.path}:${path ?? ''}`;
    return { docker, engine: new EngineImages('/checkout', (text) => said.push(text)) };
  }

  test('an engine is relied on when it answers and has Compose', async () => {
    expect(await on(answers).engine.answers()).toBe(true);
    expect(await on(`'version '*) echo 28.0.0 ;;`).engine.answers()).toBe(false);
    expect(await on('').engine.answers()).toBe(false);
  });

  test('those that are there are not pulled', async () => {
    const { docker, engine } = on(`${configured}\n'image ls '*) echo 4f66ad9a0b2e ;;`);
    await engine.fetchImages();
    expect(docker.calls().filter((call) => call.startsWith('pull'))).toEqual([]);
    expect(docker.calls().filter((call) => call.startsWith('image ls'))).toEqual(
      images.map((image) => `image ls --quiet ${image}`),
    );
    expect(said).toEqual([]);
  });

  test('what is missing is pulled, and nothing else', async () => {
    const { docker, engine } = on(`${allButRedis}\n'pull --quiet redis:7.2.11') echo redis ;;`);
    await engine.fetchImages();
    expect(docker.calls().filter((call) => call.startsWith('pull'))).toEqual(['pull --quiet redis:7.2.11']);
    expect(said).toEqual(['Pulling redis:7.2.11 …']);
  });

  test('where it cannot be pulled, what is missing is said, and why, in one line', async () => {
    const { engine } = on(`${allButRedis}\n'pull '*) printf 'Error:\\n no such host\\n' >&2; exit 1 ;;`);
    await expect(engine.fetchImages()).rejects.toThrow(
      /^the Docker engine has no image of redis:7\.2\.11, and cannot pull it \(.*Error: no such host\)$/,
    );
  });
});
