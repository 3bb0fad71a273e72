import { afterEach } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ProcessSettings } from '../src/settings.js';
import { things } from './things.js';

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

/** The routes of {@link things}, opened and asked by each test of a suite, and closed after it. */
export function askedThings() {
  let opened: NestFastifyApplication | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });
  const app = (): NestFastifyApplication => {
    if (!opened) throw new Error('nothing is open');
    return opened;
  };
  return {
    app,
    /** Also in the place of what was open before. */
    open: async (settings: Partial<ProcessSettings> = {}): Promise<void> => {
      await opened?.close();
      opened = await things(settings);
    },
    ask: async (target: `${Method} /${string}`, headers: Record<string, string> = {}) => {
      const [method, url] = target.split(' ') as [Method, string];
      const answer = await app().inject({ method, url, headers });
      const body: unknown = answer.body === '' ? undefined : JSON.parse(answer.body);
      return { status: answer.statusCode, body, headers: answer.headers };
    },
  };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
