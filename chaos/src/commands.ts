import type { Random } from './random.js';

/** One line of a batch of commands, and the entity that it is about. */
export interface Command {
  /** `flight/2014-06-01-ZA1-JFK`: stream and key. */
  readonly entity: string;
  readonly isRemoval: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

const carriers = ['ZA', 'ZB', 'ZC', 'ZD', 'ZE'];
const airports = ['QAA', 'QBB', 'QCC', 'QDD', 'QEE', 'QFF', 'QGG', 'QHH'];
const tails = Array.from({ length: 20 }, (_, index) => `N${index + 100}ZZ`);
const flightNumbers = 60;
const midnight = Date.UTC(2014, 5, 1);

/** A command on one of few entities, so that each is changed, removed and made again many times. Some will be refused. */
export function randomCommand(random: Random): Command {
  return random.chance(0.85) ? flightCommand(random) : referenceCommand(random);
}

function flightCommand(random: Random): Command {
  const [carrier, number, origin] = [
    random.pick(carriers),
    random.between(1, flightNumbers),
    random.pick(airports.slice(0, 3)),
  ];
  const flightId = `2014-06-01-${carrier}${number}-${origin}`;
  const entity = `flight/${flightId}`;
  const at = new Date(midnight + random.between(0, 1_440) * 60_000).toISOString();
  const type = random.pick([
    'ScheduleFlight',
    'ScheduleFlight',
    'ScheduleFlight',
    'DepartFlight',
    'DepartFlight',
    'ArriveFlight',
    'CancelFlight',
    'DivertFlight',
    'RemoveFlight',
  ]);
  switch (type) {
    case 'ScheduleFlight': {
      const destination = random.pick(airports);
      const plan = { carrier, number, origin, destination, scheduledDeparture: at, date: '2014-06-01' };
      const tailnum = random.chance(0.8) ? { tailnum: random.pick(tails) } : {};
      return { entity, isRemoval: false, fields: { type, ...plan, ...tailnum } };
    }
    case 'DepartFlight':
      return { entity, isRemoval: false, fields: { type, flightId, departedAt: at } };
    case 'ArriveFlight':
      return { entity, isRemoval: false, fields: { type, flightId, arrivedAt: at } };
    case 'CancelFlight':
      return { entity, isRemoval: false, fields: { type, flightId, cancelledAt: at } };
    case 'DivertFlight':
      return { entity, isRemoval: false, fields: { type, flightId, divertedAt: at } };
  }
  return { entity, isRemoval: true, fields: { type, flightId } };
}

function referenceCommand(random: Random): Command {
  const isRemoval = random.chance(0.25);
  const name = `name ${random.between(1, 1_000_000)}`;
  const kind = random.pick(['airline', 'airport', 'aircraft'] as const);
  switch (kind) {
    case 'airline':
      return reference('airline', random.pick(carriers), isRemoval ? undefined : { name });
    case 'airport':
      return reference('airport', random.pick(airports), isRemoval ? undefined : { name });
    case 'aircraft': {
      const made = { model: name, seats: random.between(1, 400) };
      return reference('aircraft', random.pick(tails), isRemoval ? undefined : made);
    }
  }
}

function reference(
  stream: 'airline' | 'airport' | 'aircraft',
  key: string,
  body: Readonly<Record<string, unknown>> | undefined,
): Command {
  const kind = `${stream.slice(0, 1).toUpperCase()}${stream.slice(1)}`;
  const type = body ? `Put${kind}` : `Remove${kind}`;
  return { entity: `${stream}/${key}`, isRemoval: !body, fields: { type, key, ...body } };
}
