import { join } from 'node:path';
import { z } from 'zod';
import { engineServices } from '../engines/docker-engines.js';
import type { ContainerProbe } from '../engines/engine-choice.js';
import { reasonOf, StartFailure } from '../failure.js';
import { Docker } from './docker.js';

const configuration = z.object({ services: z.record(z.string(), z.object({ image: z.string() })) });
/** The Compose file wants a password for everything that it describes; none is used here. */
const noPassword = { POSTGRES_PASSWORD: 'unused' };

/** What the engines of the Compose file need of a Docker engine. */
export class EngineImages implements ContainerProbe {
  constructor(
    private readonly root: string,
    private readonly log: (text: string) => void,
    private readonly docker = new Docker(),
  ) {}

  async answers(): Promise<boolean> {
    try {
      await this.docker.versions();
      return true;
    } catch {
      return false;
    }
  }

  async fetchImages(): Promise<void> {
    const images = await this.images();
    const missing: string[] = [];
    for (const image of images) if (!(await this.docker.hasImage(image))) missing.push(image);
    if (missing.length === 0) return;
    this.log(`Pulling ${missing.join(', ')} …`);
    try {
      for (const image of missing) await this.docker.run(['pull', '--quiet', image]);
    } catch (failure) {
      const reason = reasonOf(failure).replaceAll(/\s+/g, ' ');
      throw new StartFailure(
        `the Docker engine has no image of ${missing.join(', ')}, and cannot pull it (${reason})`,
      );
    }
  }

  private async images(): Promise<string[]> {
    const file = `--file=${join(this.root, 'docker-compose.yml')}`;
    const config = await this.docker.run(
      ['compose', file, 'config', '--format=json', ...engineServices],
      noPassword,
    );
    const { services } = configuration.parse(JSON.parse(config));
    return engineServices.flatMap((name) => services[name]?.image ?? []);
  }
}
