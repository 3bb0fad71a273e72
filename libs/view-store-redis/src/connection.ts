import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** Far beyond any script of ours: a server that is silent this long is away. */
const answerLimitMs = 10_000;

type ScriptCommand = 'repriseApply' | 'repriseClaim' | 'repriseLoad' | 'repriseRange';

/** A connection that knows our scripts. A server that forgot one is sent it again. */
export class RedisConnection {
  readonly client: Redis;
  private readonly load: string;
  private readonly apply: string;
  private readonly claim: string;
  private readonly range: string;

  constructor(url: string) {
    // A call fails after one retry, or when no answer comes, rather than hang: whoever makes it knows how to wait.
    this.client = new Redis(url, {
      maxRetriesPerRequest: 1,
      enableAutoPipelining: false,
      commandTimeout: answerLimitMs,
    });
    // Every failed call says so itself.
    this.client.on('error', () => undefined);
    this.load = script('load');
    this.apply = script('apply');
    this.claim = script('claim');
    this.range = script('range');
    this.client.defineCommand('repriseLoad', { numberOfKeys: 5, lua: this.load });
    this.client.defineCommand('repriseApply', { numberOfKeys: 5, lua: this.apply });
    this.client.defineCommand('repriseClaim', { numberOfKeys: 1, lua: this.claim });
    this.client.defineCommand('repriseRange', { numberOfKeys: 3, lua: this.range });
  }

  /** Runs one of our scripts by its command. */
  call(command: ScriptCommand, args: readonly string[]): Promise<unknown> {
    // defineCommand puts the method there; the client's type cannot know it.
    const defined: unknown = Reflect.get(this.client, command);
    if (typeof defined !== 'function') throw new TypeError(`no such command: ${command}`);
    return Promise.resolve(Reflect.apply(defined, this.client, args) as unknown);
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    return Promise.resolve();
  }
}

function script(name: string): string {
  return readFileSync(join(import.meta.dirname, `${name}.lua`), 'utf8');
}
