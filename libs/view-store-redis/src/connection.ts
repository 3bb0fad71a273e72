import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAddress } from '@reprise/view-store';
import { Redis } from 'ioredis';

/** Far beyond any script of ours: a server that is silent this long is away. */
const answerLimitMs = 10_000;

type ScriptCommand =
  | 'repriseApply'
  | 'repriseClaim'
  | 'repriseLedger'
  | 'repriseLoad'
  | 'reprisePut'
  | 'repriseRange'
  | 'repriseRectify';

/** A connection that knows our scripts. A server that forgot one is sent it again. */
export class RedisConnection {
  readonly client: Redis;

  constructor(address: string) {
    const { url, ca } = openAddress('redis', address);
    // A call fails after one retry, or when no answer comes, rather than hang: whoever makes it knows how to wait.
    this.client = new Redis(url, {
      maxRetriesPerRequest: 1,
      enableAutoPipelining: false,
      commandTimeout: answerLimitMs,
      ...(ca !== undefined && { tls: { ca } }),
    });
    // Every failed call says so itself.
    this.client.on('error', () => undefined);
    this.client.defineCommand('repriseLoad', { numberOfKeys: 5, lua: script('load') });
    this.client.defineCommand('repriseLedger', { numberOfKeys: 2, lua: script('ledger') });
    this.client.defineCommand('repriseApply', { numberOfKeys: 5, lua: script('stored-indexes', 'apply') });
    this.client.defineCommand('reprisePut', { numberOfKeys: 4, lua: script('stored-indexes', 'put') });
    this.client.defineCommand('repriseClaim', { numberOfKeys: 1, lua: script('claim') });
    this.client.defineCommand('repriseRange', { numberOfKeys: 3, lua: script('range') });
    this.client.defineCommand('repriseRectify', { numberOfKeys: 2, lua: script('rectify') });
  }

  /** Runs one of our scripts by its command. */
  call(command: ScriptCommand, args: readonly string[]): Promise<unknown> {
    // defineCommand puts the method there; the client's type cannot know it.
    const defined: unknown = Reflect.get(this.client, command);
    if (typeof defined !== 'function') throw new TypeError(`no such command: ${command}`);
    return Promise.resolve(Reflect.apply(defined, this.client, [args]) as unknown);
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    return Promise.resolve();
  }
}

/** The files by these names, as one script. */
function script(...names: readonly string[]): string {
  return names.map((name) => readFileSync(join(import.meta.dirname, `${name}.lua`), 'utf8')).join('\n');
}
