import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, createLogger, Health, type ProcessSettings } from '@reprise/service';
import type { DeskSettings } from '../src/http/command-desk.js';
import { FlightCommandsModule } from '../src/module.js';
import { nowMs, WriteSide } from './write-side.js';

interface ServedOptions extends Partial<DeskSettings> {
  readonly maxLines?: number;
  /** Of its doors. Default: development mode. */
  readonly settings?: Partial<ProcessSettings>;
}

/** The routes of the write side over a real store, on a port of their own. */
export class Served {
  private constructor(
    readonly side: WriteSide,
    private readonly behind: { readonly app: NestFastifyApplication; readonly clock: { aheadMs: number } },
    readonly url: string,
  ) {}

  /** `publishWaitMs`: the longest time that an answer waits for the log; nothing is published unless a relay is started. */
  static async open({
    publishWaitMs = 20_000,
    callbackOrigins = [],
    maxLines = 100_000,
    settings = {},
  }: ServedOptions = {}): Promise<Served> {
    const side = await WriteSide.open();
    const clock = { aheadMs: 0 };
    const app = await createApp({
      name: 'flight-commands',
      description: '',
      settings,
      module: FlightCommandsModule.with({
        store: side.store,
        clock: { nowMs: () => nowMs + clock.aheadMs },
        desk: { publishWaitMs, callbackOrigins },
        batch: { maxLines },
      }),
      logger: createLogger('flight-commands-test', 'silent'),
      health: new Health(),
    });
    await app.listen(0, '127.0.0.1');
    return new Served(side, { app, clock }, await app.getUrl());
  }

  get app(): NestFastifyApplication {
    return this.behind.app;
  }

  /** Lets the time of commands that state none go on. */
  advance(byMs: number): void {
    this.behind.clock.aheadMs += byMs;
  }

  /** A command over REST. */
  async send(
    target: `${'DELETE' | 'GET' | 'POST' | 'PUT'} /${string}`,
    body?: unknown,
    headers: Record<string, string> = {},
  ) {
    const [method = '', path = ''] = target.split(' ');
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, { method, headers: { ...type, ...headers }, ...json });
    return { status: response.status, headers: response.headers, body: asUnknown(await response.json()) };
  }

  /** Commands by the line. */
  async sendLines(lines: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) {
    const headers = { 'content-type': 'application/x-ndjson', ...more };
    const response = await fetch(`${this.url}/commands`, { method: 'POST', body: lines, headers });
    const text = await response.text();
    const outcomes = text
      .split('\n')
      .filter(Boolean)
      .map((line) => asUnknown(JSON.parse(line)));
    const { status, headers: answered } = response;
    return { status, headers: answered, type: answered.get('content-type'), outcomes };
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.side.close();
  }
}

function asUnknown(value: unknown): unknown {
  return value;
}
