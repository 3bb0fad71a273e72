import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { parseBody, parseQuery } from './parse.js';
import { problem, ProblemException } from './problem.js';

const schema = z.strictObject({
  day: z.iso.date(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

describe('parsing a request', () => {
  test('gives what the schema makes of it', () => {
    expect(parseQuery(schema, { day: '2013-01-01' })).toEqual({ day: '2013-01-01', limit: 20 });
    expect(parseBody(schema, { day: '2013-01-01', limit: 5 })).toEqual({ day: '2013-01-01', limit: 5 });
  });

  test('a bad query is a 400 that names every bad parameter', () => {
    const { problem: body } = refusalOf(() => parseQuery(schema, { day: 'today', limit: '0' }));
    expect(body).toMatchObject({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'invalid-parameter',
    });
    expect(body['errors']).toEqual([
      { at: 'day', message: expect.any(String) },
      { at: 'limit', message: expect.any(String) },
    ]);
    expect(body.detail).toMatch(/^The query parameters cannot be used\. day: .+; limit: .+/);
  });

  test('a parameter nobody knows is refused, not passed over', () => {
    const { problem: body } = refusalOf(() => parseQuery(schema, { day: '2013-01-01', limitt: '3' }));
    expect(body.detail).toContain('limitt');
  });

  test('a bad body is a 422, also when it is no object at all', () => {
    for (const input of [undefined, null, 'text', [], { day: {} }]) {
      expect(refusalOf(() => parseBody(schema, input)).problem).toMatchObject({
        status: 422,
        code: 'invalid-body',
      });
    }
  });

  test('a place deep in the body is named by its path', () => {
    const nested = z.object({ flights: z.array(z.object({ seats: z.number() })) });
    const { problem: body } = refusalOf(() =>
      parseBody(nested, { flights: [{ seats: 1 }, { seats: 'many' }] }),
    );
    expect(body['errors']).toEqual([{ at: 'flights.1.seats', message: expect.any(String) }]);
  });
});

describe('a problem', () => {
  test('is RFC 9457 with a code, and carries its status', () => {
    const refusal = problem(404, 'no-such-flight', 'There is no flight X.');
    expect(refusal.getStatus()).toBe(404);
    expect(refusal.problem).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'no-such-flight',
      detail: 'There is no flight X.',
    });
  });

  test('takes headers and further members without losing what it has, and leaves the first one as it was', () => {
    const first = problem(503, 'away', 'Try again.').with({ headers: { 'retry-after': '1' } });
    const second = first.with({ headers: { 'x-more': 'yes' }, extensions: { view: 'board' } });
    expect(second.headers).toEqual({ 'retry-after': '1', 'x-more': 'yes' });
    expect(second.problem).toMatchObject({ status: 503, code: 'away', view: 'board' });
    expect(first.problem).not.toHaveProperty('view');
  });

  test('a status that HTTP does not name has a title all the same', () => {
    expect(problem(599, 'odd', '').problem.title).toBe('Error');
  });
});

function refusalOf(work: () => unknown): ProblemException {
  try {
    work();
  } catch (refusal) {
    if (refusal instanceof ProblemException) return refusal;
    throw refusal;
  }
  throw new Error('it was taken');
}
