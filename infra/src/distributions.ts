import { execFile, type ExecFileException } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartFailure } from './failure.js';
import { takeLock } from './pid-file.js';

const run = promisify(execFile);

/** Fetches engines by Maven and unpacks them once into a folder that all runs share. */
export class Distributions {
  constructor(
    private readonly cacheDir: string,
    private readonly jdkHome: string,
    private readonly log: (text: string) => void = () => undefined,
  ) {}

  /** Folder with all jars of the Kafka server and its tools. */
  kafka(): Promise<string> {
    return this.unpacked('kafka-4.3.0', async (folder) => {
      const pom = join(folder, 'pom.xml');
      writeFileSync(pom, kafkaPom);
      await this.maven(['-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`]);
    });
  }

  /** Folder that holds `quarkus-run.jar`. */
  registry(): Promise<string> {
    return this.unpacked('apicurio-registry-3.3.3', async (folder) => {
      const archive = await this.copied('io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all', folder);
      await run('tar', ['-xzf', archive, '-C', folder]);
      rmSync(archive);
    });
  }

  /** Elasticsearch's home folder. */
  async elasticsearch(): Promise<string> {
    const folder = await this.unpacked('elasticsearch-9.5.3', async (target) => {
      const archive = await this.copied(
        'org.elasticsearch.distribution.integ-test-zip:elasticsearch:9.5.3:zip',
        target,
      );
      await this.unzip(archive, target);
      const bin = join(target, 'elasticsearch-9.5.3/bin');
      for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
    });
    return join(folder, 'elasticsearch-9.5.3');
  }

  /** A Redis server's binary, for machines that have none installed. */
  async redis(): Promise<string> {
    const platform = `${process.platform}-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
    const folder = await this.unpacked('embedded-redis-1.4.3', async (target) => {
      const archive = await this.copied('com.github.codemonstur:embedded-redis:1.4.3:jar', target);
      await this.unzip(archive, target);
    });
    const binary = readdirSync(folder).find(
      (file) => file.startsWith('redis-server-') && file.endsWith(platform),
    );
    if (binary === undefined)
      throw new StartFailure(`There is no packaged Redis for ${platform}: install redis-server.`);
    const path = join(folder, binary);
    chmodSync(path, 0o755);
    return path;
  }

  private async copied(artifact: string, folder: string): Promise<string> {
    await this.maven(['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
    const file = readdirSync(folder)[0];
    if (file === undefined) throw new StartFailure(`Maven fetched nothing for ${artifact}.`);
    return join(folder, file);
  }

  private async unzip(archive: string, folder: string): Promise<void> {
    await run(join(this.jdkHome, 'bin/jar'), ['xf', archive], { cwd: folder });
    rmSync(archive);
  }

  /** Fills a folder of its own first: a run that is cut off never leaves half of it. One run fetches, the others wait. */
  private async unpacked(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const target = join(this.cacheDir, name);
    if (existsSync(target)) return target;
    mkdirSync(this.cacheDir, { recursive: true });
    this.log(`fetching ${name} …`);
    const release = await takeLock(join(this.cacheDir, `.${name}.lock`));
    try {
      return existsSync(target) ? target : await this.unpack(target, fill);
    } finally {
      release();
    }
  }

  private async unpack(target: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const partial = mkdtempSync(join(this.cacheDir, '.partial-'));
    chmodSync(partial, 0o755);
    try {
      await fill(partial);
      renameSync(partial, target);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
    return target;
  }

  private async maven(args: readonly string[]): Promise<void> {
    try {
      await run('mvn', ['-B', '-q', ...args], {
        cwd: this.cacheDir,
        env: { ...process.env, JAVA_HOME: this.jdkHome },
        maxBuffer: 1 << 24,
      });
    } catch (failure) {
      throw new StartFailure(mavenReason(failure));
    }
  }
}

function mavenReason(failure: unknown): string {
  const { code, stdout = '', stderr = '' } = failure as ExecFileException;
  if (code === 'ENOENT')
    return 'Maven (mvn) was not found on the PATH: install it (Debian: apt-get install maven; macOS: brew install maven).';
  const line = `${stdout}\n${stderr}`.split('\n').find((text) => text.includes('ERROR'));
  return `An engine could not be fetched by Maven: check the network and Maven's settings. ${line?.slice(0, 300) ?? ''}`.trim();
}

const kafkaPom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>reprise</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.0</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.3.0</version></dependency>
  </dependencies>
</project>
`;
