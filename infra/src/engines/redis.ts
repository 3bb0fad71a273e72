import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import type { Distributions } from '../distributions.js';
import { enginePorts } from '../ports.js';
import { engineFolder, type EngineSpec } from './engine.js';

/** Redis with its append-only file on: the one on the PATH, or else one that Maven can fetch. */
export function redis(options: {
  readonly dataDir: string;
  readonly portBase: number;
  readonly distributions: Distributions;
  /** Settings of the server beside ours, as `tls-port`. */
  readonly settings?: Readonly<Record<string, string>>;
}): EngineSpec & { readonly url: string } {
  const port = options.portBase + enginePorts.redis;
  return {
    name: 'redis',
    url: `redis://127.0.0.1:${port}`,
    stopSignal: 'SIGTERM',
    graceMs: 3_000,
    prepare: async () => {
      const isInstalled = spawnSync('redis-server', ['--version']).status === 0;
      const command = isInstalled ? 'redis-server' : await options.distributions.redis();
      const dir = engineFolder(options.dataDir);
      const flags = { bind: '127.0.0.1', port, dir, appendonly: 'yes', appendfsync: 'everysec', save: '' };
      const all = { ...flags, ...options.settings };
      return {
        command,
        args: Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]),
      };
    },
    ready: () => answersPing(port),
  };
}

/** True once it answers PONG; while it loads its file it answers otherwise. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => {
      done(false);
    });
    socket.once('error', () => {
      done(false);
    });
    socket.once('data', (data) => {
      done(data.toString().startsWith('+PONG'));
    });
    socket.write('PING\r\n');
  });
}
