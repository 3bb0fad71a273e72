import { describe, expect, test } from '@jest/globals';
import { chooseEngines, type ContainerProbe } from './engine-choice.js';

const missing = 'the Docker engine has no image of redis:7.2.11 and cannot pull it (no such host)';
const docker = { kind: 'docker', because: 'as asked for' } as const;
const local = { kind: 'local', because: 'as asked for' } as const;

function probe(answers: boolean, images: 'there' | 'missing' = 'there'): ContainerProbe & { asked: number } {
  return {
    asked: 0,
    answers() {
      this.asked += 1;
      return Promise.resolve(answers);
    },
    fetchImages: () => (images === 'there' ? Promise.resolve() : Promise.reject(new Error(`${missing}.`))),
  };
}

describe('where engines run', () => {
  test.each([
    [probe(false), 'local', 'Engines: local processes, as no Docker engine with Compose answers.'],
    [probe(true), 'docker', 'Engines: containers, as a Docker engine answers.'],
    [probe(true, 'missing'), 'local', `Engines: local processes, as ${missing}.`],
  ])('by itself: what can be had, in one line with the reason (%#)', async (there, kind, said) => {
    expect(await chooseEngines(undefined, there)).toEqual({ kind, said });
    expect(said).not.toContain('\n');
  });

  test('containers that it has to be are never exchanged for something else', async () => {
    const said = 'Engines: containers, as asked for.';
    expect(await chooseEngines(docker, probe(true))).toEqual({ kind: 'docker', said });
    await expect(chooseEngines(docker, probe(false))).rejects.toThrow(
      'as asked for; but no Docker engine with Compose answers.',
    );
    await expect(chooseEngines(docker, probe(true, 'missing'))).rejects.toThrow(missing);
  });

  test('for local processes that it has to be no Docker engine is asked', async () => {
    const there = probe(true);
    expect(await chooseEngines(local, there)).toMatchObject({ kind: 'local' });
    expect(there.asked).toBe(0);
  });
});
