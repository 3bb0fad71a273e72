import { chownSync, copyFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Distributions } from '../distributions.js';
import { enginePorts } from '../ports.js';
import type { UnprivilegedUser } from '../unprivileged.js';
import { answersHttp, engineFolder, type EngineSpec } from './engine.js';

/** Elasticsearch, one node, on loopback without its security features. */
export function elasticsearch(options: {
  readonly dataDir: string;
  readonly portBase: number;
  readonly jdkHome: string;
  readonly distributions: Distributions;
  readonly user: UnprivilegedUser;
}): EngineSpec & { readonly url: string } {
  const { dataDir, portBase, jdkHome, distributions, user } = options;
  const url = `http://127.0.0.1:${portBase + enginePorts.elasticsearch}`;
  return {
    name: 'elasticsearch',
    url,
    stopSignal: 'SIGTERM',
    graceMs: 4_000,
    prepare: async () => {
      const home = await distributions.elasticsearch();
      engineFolder(dataDir, user.owner);
      const folders = Object.fromEntries(
        ['config', 'data', 'logs', 'tmp'].map((name) => [
          name,
          engineFolder(join(dataDir, name), user.owner),
        ]),
      );
      writeConfig(home, { folders, portBase, owner: user.owner });
      return {
        ...user.invoke(join(home, 'bin/elasticsearch'), [], dataDir),
        env: {
          ES_JAVA_HOME: jdkHome,
          ES_PATH_CONF: join(dataDir, 'config'),
          ES_TMPDIR: join(dataDir, 'tmp'),
          ES_JAVA_OPTS: '-Xms512m -Xmx512m',
          // Its launcher warns about JAVA_HOME; the one above counts.
          JAVA_HOME: '',
        },
      };
    },
    ready: () => answersHttp(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`),
  };
}

function writeConfig(
  home: string,
  {
    folders,
    portBase,
    owner,
  }: {
    folders: Record<string, string>;
    portBase: number;
    owner: { readonly uid: number; readonly gid: number } | undefined;
  },
): void {
  const config = folders['config'] ?? '';
  const shipped = join(home, 'config');
  for (const name of readdirSync(shipped)) {
    if (statSync(join(shipped, name)).isFile()) copyFileSync(join(shipped, name), join(config, name));
  }
  const settings = {
    'cluster.name': 'reprise',
    'node.name': 'local',
    'path.data': folders['data'],
    'path.logs': folders['logs'],
    'network.host': '127.0.0.1',
    'http.port': portBase + enginePorts.elasticsearch,
    'transport.port': portBase + enginePorts.elasticsearchTransport,
    'discovery.type': 'single-node',
    'xpack.security.enabled': false,
    'cluster.routing.allocation.disk.threshold_enabled': false,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  writeFileSync(join(config, 'elasticsearch.yml'), `${lines.join('\n')}\n`);
  if (owner) for (const name of readdirSync(config)) chownSync(join(config, name), owner.uid, owner.gid);
}
