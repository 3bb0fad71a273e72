import fc from 'fast-check';
import { z } from 'zod';
import { hostileText, hostileTexts, nearlyValid } from './hostile-values.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const parameterForm = z.looseObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  schema: z.unknown().optional(),
});
const operationForm = z.looseObject({
  parameters: z.array(parameterForm).default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })) })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});
const documentForm = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operationForm)) });

type Operation = z.output<typeof operationForm>;
type Parameter = z.output<typeof parameterForm>;

/** One operation of a service, with what it may be sent. */
export interface ApiOperation {
  readonly name: string;
  readonly requests: fc.Arbitrary<WireRequest>;
  /** Each hostile text once, in each part of the address. */
  readonly sweep: readonly WireRequest[];
  /** Documented statuses; `default` stands for any refusal. */
  readonly statuses: ReadonlySet<string>;
}

/** What is really there, so that not every request ends at a path that names nothing. */
const known: Readonly<Record<string, readonly string[]>> = {
  view: ['flight-search', 'departure-board', 'route-punctuality', 'flight-timeline'],
  number: ['1', '2'],
  carrier: ['UA', 'AA'],
  faa: ['JFK', 'LAX'],
  origin: ['JFK'],
  destination: ['LAX'],
  tailnum: ['N14228'],
  flightId: ['2013-01-01-UA1545-EWR', '2014-01-01-UA7-JFK'],
  id: ['00000000-0000-4000-8000-000000000000'],
};

/** Every operation that a service's OpenAPI document names. */
export function operationsOf(document: unknown): ApiOperation[] {
  const { paths } = documentForm.parse(document);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      requests: requestsOf(method.toUpperCase(), path, operation),
      sweep: sweepOf(method.toUpperCase(), path, operation),
      statuses: new Set(Object.keys(operation.responses)),
    })),
  );
}

function sweepOf(method: string, path: string, { parameters }: Operation): WireRequest[] {
  const [inPath, inQuery] = (['path', 'query'] as const).map((place) =>
    parameters.filter((parameter) => parameter.in === place),
  );
  const good = Object.fromEntries((inPath ?? []).map(({ name }) => [name, known[name]?.[0] ?? 'x']));
  const request = (address: string): WireRequest => ({ method, path: address, headers: {}, body: undefined });
  return hostileTexts.flatMap((text) => [
    ...(inPath ?? []).map(({ name }) => request(filled(path, { ...good, [name]: text }))),
    ...(inQuery ?? []).map(({ name }) =>
      request(`${filled(path, good)}?${new URLSearchParams({ [name]: text }).toString()}`),
    ),
  ]);
}

function requestsOf(method: string, path: string, operation: Operation): fc.Arbitrary<WireRequest> {
  const [inPath, inQuery, inHeader] = (['path', 'query', 'header'] as const).map((place) =>
    operation.parameters.filter((parameter) => parameter.in === place),
  );
  return fc
    .record({
      path: valuesFor(inPath ?? [], true).map((values) => filled(path, values)),
      query: fc.tuple(
        valuesFor(inQuery ?? [], false),
        fc.option(fc.tuple(hostileText, hostileText), { freq: 6 }),
      ),
      headers: valuesFor(inHeader ?? [], false).map(sendable),
      body: bodyOf(operation),
    })
    .map(({ path: address, query: [values, more], headers, body }) => {
      const query = new URLSearchParams([...Object.entries(values), ...(more ? [more] : [])]).toString();
      const type: Record<string, string> = body ? { 'content-type': body.type } : {};
      return {
        method,
        path: query === '' ? address : `${address}?${query}`,
        headers: { ...headers, ...type },
        body: body?.text,
      };
    });
}

function valuesFor(
  parameters: readonly Parameter[],
  areAllNeeded: boolean,
): fc.Arbitrary<Record<string, string>> {
  const texts = Object.fromEntries(
    parameters.map(({ name, schema }) => [
      name,
      fc.oneof(
        { weight: 2, arbitrary: nearlyValid(schema).map(asText) },
        { weight: 2, arbitrary: fc.constantFrom(...(known[name] ?? ['x'])) },
        { weight: 1, arbitrary: hostileText },
      ),
    ]),
  );
  const chosen: fc.Arbitrary<Record<string, string | undefined>> = fc.record(
    texts,
    areAllNeeded ? {} : { requiredKeys: [] },
  );
  return chosen.map((values) =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
    ),
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function filled(path: string, values: Readonly<Record<string, string>>): string {
  // What is no text at all cannot be part of an address.
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((values[name] ?? 'x').toWellFormed()),
  );
}

/** What can stand in a header at all; what cannot is sent as raw bytes elsewhere. */
function sendable(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name, text.replaceAll(/[^\x20-\x7e]/g, '').trim()]),
  );
}

function bodyOf({ requestBody }: Operation): fc.Arbitrary<{ type: string; text: string } | undefined> {
  const [type, { schema } = {}] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === undefined) return fc.constant(undefined);
  const json = nearlyValid(schema).map((value) => JSON.stringify(value));
  const text = type.includes('ndjson')
    ? fc.array(lines, { maxLength: 20 }).map((all) => all.join('\n'))
    : json;
  return fc.oneof(
    { weight: 8, arbitrary: text.map((valid) => ({ type, text: valid })) },
    {
      weight: 1,
      arbitrary: fc.tuple(text, fc.nat()).map(([valid, end]) => ({ type, text: valid.slice(0, end % 50) })),
    },
    { weight: 1, arbitrary: hostileText.map((garbage) => ({ type, text: garbage })) },
    { weight: 1, arbitrary: text.map((valid) => ({ type: 'text/plain', text: valid })) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const commandTypes = [
  'PutAirline',
  'RemoveAirline',
  'PutAirport',
  'PutAircraft',
  'ScheduleFlight',
  'DepartFlight',
];

/** Lines of a batch, which its schema tells nothing of. */
const lines = fc.oneof(
  fc
    .record(
      {
        id: fc.oneof(fc.constant('one'), hostileText),
        type: fc.oneof(fc.constantFrom(...commandTypes), hostileText),
        key: fc.oneof(fc.constantFrom('UA', 'JFK', 'N14228'), hostileText),
        flightId: fc.constantFrom('2014-01-01-UA7-JFK'),
        name: hostileText,
        latitude: nearlyValid({ type: 'number' }),
        ifVersion: nearlyValid({ type: 'integer' }),
        departedAt: nearlyValid({ type: 'string', format: 'date-time' }),
      },
      { requiredKeys: ['type'] },
    )
    .map((line) => JSON.stringify(line)),
  hostileText,
);
