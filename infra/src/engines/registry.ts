import { join } from 'node:path';
import type { Distributions } from '../distributions.js';
import { enginePorts } from '../ports.js';
import { answersHttp, engineFolder, type EngineSpec } from './engine.js';

/** Apicurio Registry; its schemas are kept in Kafka, so that they survive a restart. */
export function registry(options: {
  readonly dataDir: string;
  readonly portBase: number;
  readonly jdkHome: string;
  readonly distributions: Distributions;
}): EngineSpec & { readonly url: string } {
  const { dataDir, portBase, jdkHome, distributions } = options;
  const url = `http://127.0.0.1:${portBase + enginePorts.registry}/apis/ccompat/v7`;
  return {
    name: 'registry',
    url,
    stopSignal: 'SIGTERM',
    graceMs: 3_000,
    prepare: async () => ({
      command: join(jdkHome, 'bin/java'),
      args: ['-Xms128m', '-Xmx384m', '-jar', join(await distributions.registry(), 'quarkus-run.jar')],
      cwd: engineFolder(dataDir),
      env: {
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(portBase + enginePorts.registry),
        QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
        QUARKUS_MANAGEMENT_PORT: String(portBase + enginePorts.registryManagement),
        APICURIO_STORAGE_KIND: 'kafkasql',
        APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: `127.0.0.1:${portBase + enginePorts.kafka}`,
      },
    }),
    ready: () => answersHttp(`${url}/subjects`),
  };
}
