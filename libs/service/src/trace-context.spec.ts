import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { currentTrace, followTraces, traceOf } from './trace-context.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('the trace of a request', () => {
  let server: FastifyInstance | undefined;

  afterEach(async () => {
    await server?.close();
  });

  test('is known to whatever is done for it, later too, and to nothing that is done for another', async () => {
    server = fastify();
    followTraces(server);
    server.get('/', async () => {
      await setImmediate();
      return currentTrace();
    });
    const asked = [traceId, 'f'.repeat(32)].map((id) =>
      server?.inject({ url: '/', headers: { traceparent: `00-${id}-${spanId}-01` } }),
    );
    const [first, second, third] = await Promise.all([...asked, server.inject('/')]);
    expect(first?.json()).toEqual({ traceId, spanId });
    expect(second?.json()).toEqual({ traceId: 'f'.repeat(32), spanId });
    expect(third?.json()).toEqual({});
    expect(currentTrace()).toEqual({});
  });

  test.each([
    ['no header', undefined],
    ['another text', 'hello'],
    ['capital letters', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['a version that is forbidden', `ff-${traceId}-${spanId}-01`],
    ['two headers', [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-01`]],
  ])('%s is passed over', (_, header) => {
    expect(traceOf(header)).toBeUndefined();
  });

  test('a later version may say more', () => {
    expect(traceOf(`01-${traceId}-${spanId}-01-more`)).toEqual({ traceId, spanId });
  });
});
