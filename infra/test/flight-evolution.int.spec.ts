import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadViews } from '@reprise/contract-versions';
import { catalogue, stateSchema, type Envelope, type Flight, type StreamContract } from '@reprise/contracts';
import { LogProducer, provisionStreams, StreamEncoder, StreamTail, type LogConnection } from '@reprise/log';
import { testConnections, uniqueName } from '@reprise/testing';

const root = join(import.meta.dirname, '../..');
const golden = join(root, 'schemas/flight/versions/1/golden');
type GatedFlight = Flight & { readonly gate: string };

/** Flights on a topic that no other test knows. */
function copyOfFlights(): StreamContract<Flight> {
  const topic = uniqueName('flight');
  return { ...catalogue.flight, topic, subject: `${topic}-value`, partitions: 1, schema: versionOne() };
}

function versionOne(): StreamContract<Flight>['schema'] {
  return catalogue.flight.earlierSchemas?.[0] ?? catalogue.flight.schema;
}

function withGate(contract: StreamContract<Flight>): StreamContract<GatedFlight> {
  const state = stateSchema(contract.schema);
  const type = { ...state, fields: [...state.fields, { name: 'gate', type: 'string', default: '?' }] };
  const fields = contract.schema.fields.map((field) => (field.name === 'state' ? { ...field, type } : field));
  // The type alone knows the state.
  const grown: StreamContract<unknown> = {
    ...contract,
    earlierSchemas: [contract.schema],
    schema: { ...contract.schema, fields },
  };
  return grown as StreamContract<GatedFlight>;
}

describe('flights that get a gate', () => {
  const flights = copyOfFlights();
  const gated = withGate(flights);
  let connection: LogConnection;
  let producer: LogProducer;
  /** What flight-search declares that it reads. */
  let fields: readonly string[];
  const tails: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    const { kafkaBrokers, registryUrl } = testConnections();
    connection = { brokers: kafkaBrokers, registryUrl, clientId: 'evolution-test' };
    producer = new LogProducer(connection);
    const { views } = await loadViews(root, 'types');
    fields = views.find(({ name }) => name === 'flight-search')?.fields ?? [];
    await provisionStreams({ flights }, connection);
  });
  afterAll(async () => {
    for (const tail of tails) await tail.stop();
    await producer.stop();
  });

  function picked(state: Flight): Record<string, unknown> {
    return Object.fromEntries(Object.entries(state).filter(([field]) => fields.includes(field)));
  }

  /** Reads these fields, and hands over each state by its event as it comes. */
  async function follow<State extends object>(contract: StreamContract<State>, read: readonly string[]) {
    const states = new Map<string, object>();
    const undecodable: string[] = [];
    const tail = new StreamTail({
      contract,
      connection,
      fields: read,
      onRecord: ({ envelope }) => {
        if (envelope) states.set(envelope.event, { ...envelope.state });
      },
      onUndecodable: (reason) => undecodable.push(reason),
    });
    await tail.start();
    tails.push(tail);
    return { states, undecodable, caughtUp: () => tail.caughtUp() };
  }

  async function append<State>(contract: StreamContract<State>, event: Envelope<State>): Promise<void> {
    const encoder = await StreamEncoder.open(contract, connection);
    const record = { topic: contract.topic, key: 'a', value: encoder.encode(event), headers: {} };
    await producer.append([record]);
  }

  test('are read by who runs since before as ever, and by who asks for the gate with it', async () => {
    const scheduled = example('FlightScheduled');
    const departed = example('FlightDeparted');
    await append(flights, scheduled);
    const old = await follow(flights, fields);
    await provisionStreams({ gated }, connection);
    await append(gated, { ...departed, state: { ...departed.state, gate: 'C93' } });
    const young = await follow(gated, [...fields, 'gate']);
    await old.caughtUp();
    expect(old.undecodable).toEqual([]);
    expect(old.states.get('FlightScheduled')).toEqual(picked(scheduled.state));
    expect(old.states.get('FlightDeparted')).toEqual(picked(departed.state));
    expect(young.states.get('FlightScheduled')).toEqual({ ...picked(scheduled.state), gate: '?' });
    expect(young.states.get('FlightDeparted')).toEqual({ ...picked(departed.state), gate: 'C93' });
  });

  test('are registered whole in an environment that is made anew', async () => {
    const topic = uniqueName('flight');
    const elsewhere = { ...gated, topic, subject: `${topic}-value` };
    await provisionStreams({ elsewhere }, connection);
    const versions = await fetch(`${connection.registryUrl}/subjects/${elsewhere.subject}/versions`);
    expect(await versions.json()).toEqual([1, 2]);
    const first = await fetch(`${connection.registryUrl}/subjects/${elsewhere.subject}/versions/1`);
    expect(JSON.parse(((await first.json()) as { schema: string }).schema)).toEqual(flights.schema);
  });

  test('that would break a reader are refused, with stream, subject, version and the registry’s reason', async () => {
    const { earlierSchemas, ...rest } = gated;
    expect(earlierSchemas).toHaveLength(1);
    const state = stateSchema(rest.schema);
    const type = { ...state, fields: [...state.fields, { name: 'terminal', type: 'string' }] };
    const grown = rest.schema.fields.map((field) => (field.name === 'state' ? { ...field, type } : field));
    const broken = {
      ...gated,
      earlierSchemas: [flights.schema, rest.schema],
      schema: { ...rest.schema, fields: grown },
    };
    await expect(provisionStreams({ broken }, connection)).rejects.toMatchObject({
      code: 'contract-refused',
      message: expect.stringMatching(
        new RegExp(
          `^the registry refuses version 3 of stream flight under subject ${gated.subject}: .*terminal`,
          's',
        ),
      ),
    });
  });
});

function example(event: string): Envelope<Flight> {
  return JSON.parse(readFileSync(join(golden, `${event}.json`), 'utf8')) as Envelope<Flight>;
}
