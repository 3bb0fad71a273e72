import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { provisionServices, servicePorts, type Supervisor } from '@reprise/infra';
import { messageOf } from '@reprise/kernel';
import { ControlClient } from '../platform/control-client.js';
import { quantile } from '../flips/flip-table.js';
import { median } from '../results.js';
import type { Session } from '../session.js';
import { pgbenchRate, yardstickScript } from './pgbench.js';
import { held, relayRates } from './relay-rate.js';
import { batchedCommands, oneCommand, singleCommands } from './single-commands.js';
import { caughtUp, visibleTimes, type VisibleSubject, type VisibleTimes } from './visible.js';

const clients = 32;
const seconds = 10;
const warmUpSeconds = 15;
const batched = 40_000;
const shownAt = { perSecond: 300, seconds: 20 };
const warmUpShown = { perSecond: 300, seconds: 30 };

const measurements = ['pgbench', 'single', 'batched', 'relay', 'producer'] as const;
/** Rates a second, one a run. */
type Rates = Record<(typeof measurements)[number], number[]>;

/** How soon views show what was written: all of them on this machine, and each as the only one. */
interface Shown {
  readonly together: readonly VisibleTimes[];
  readonly alone: readonly VisibleTimes[];
}

/**
 * How soon each view shows what was written, with all services running and with no other view's. Then the write side alone:
 * commands one by one beside pgbench, by the line, the relay beside a bare producer.
 */
export async function commands(session: Session): Promise<void> {
  session.say('Starting the platform …');
  const { isWanted } = session.options;
  const shown = isWanted('shown') ? await measureShown(session) : { together: [], alone: [] };
  // The rates without the views: what these do with it takes its share of the machine.
  const { rates, latenciesMs } = isWanted('rates')
    ? await withServices(await provisioned(session, writeSide), (services) => measureRates(session, services))
    : unmeasured();
  session.say(`\n${reportOf(rates, latenciesMs, shown)}`);
  const summary = { together: shown.together.map(summaryOf), alone: shown.alone.map(summaryOf) };
  keep(session, { rates, latenciesMs: quantiles(latenciesMs), shown: summary });
}

const writeSide = ['flight-commands', 'flight-commands-relay'];

/** All services, or some. */
function provisioned({ root, options, engines }: Session, only?: readonly string[]): Promise<Supervisor> {
  const { stateDir, portBase } = options;
  return provisionServices(engines, { root, stateDir, portBase, ...(only && { only }) });
}

async function withServices<Result>(
  services: Supervisor,
  work: (services: Supervisor) => Promise<Result>,
): Promise<Result> {
  try {
    await services.start();
    return await work(services);
  } finally {
    await services.stop();
  }
}

async function measureShown(session: Session): Promise<Shown> {
  const { options, say, stop } = session;
  const all = subjects(options.portBase);
  say('  with all views …');
  const together = await withServices(await provisioned(session), () => shownBy(session, all, '0'));
  const alone: VisibleTimes[] = [];
  for (const [place, subject] of all.entries()) {
    if (stop.aborted) break;
    const { view } = subject;
    say(`  with ${view} alone …`);
    const services = await provisioned(session, [...writeSide, 'control-plane', `${view}-builder`, view]);
    alone.push(...(await withServices(services, () => shownBy(session, [subject], String(place + 1)))));
  }
  return { together, alone };
}

/** @param mark Makes the carriers, and so the flights, others than those of the rounds before. */
async function shownBy(
  { options: { portBase } }: Session,
  views: readonly VisibleSubject[],
  mark: string,
): Promise<VisibleTimes[]> {
  await whenLive(new ControlClient(at(portBase, servicePorts.controlPlane)), views);
  const url = at(portBase, servicePorts.flightCommands);
  await caughtUp(url, views, `W${mark}`);
  await visibleTimes(url, views, { ...warmUpShown, carrier: `U${mark}` });
  await caughtUp(url, views, `Q${mark}`);
  return visibleTimes(url, views, { ...shownAt, carrier: `V${mark}` });
}

async function measureRates(
  session: Session,
  services: Supervisor,
): Promise<{ rates: Rates; latenciesMs: number[] }> {
  const { options, engines, say, stop } = session;
  const url = at(options.portBase, servicePorts.flightCommands);
  const databaseUrl = writeStoreOf(engines.connections.postgresUrl);
  const { rates, latenciesMs } = unmeasured();
  const script = await held(services, async () => {
    await oneCommand(url, 'X0');
    return yardstickScript(databaseUrl);
  });
  // Processes that have just begun are slower for a while, all of them.
  await singleCommands(url, { clients, seconds: warmUpSeconds, carrier: 'Y0' });
  for (let run = 0; run < options.runs && !stop.aborted; run += 1) {
    const pgbench = pgbenchRate(script, { databaseUrl, clients, seconds, folder: options.stateDir });
    rates.pgbench.push(await pgbench.catch((reason: unknown) => notMeasured(session, reason)));
    const single = await singleCommands(url, { clients, seconds, carrier: `S${run}` });
    latenciesMs.push(...single.latenciesMs);
    rates.single.push(single.commands / single.seconds);
    const batch = await batchedCommands(url, { commands: batched, carrier: `T${run}` });
    rates.batched.push(batch.commands / batch.seconds);
    const carrier = `R${run}`;
    const relay = await relayRates({ databaseUrl, commandsUrl: url, carrier, services, log: engines.log });
    rates.relay.push(relay.records / relay.relaySeconds);
    rates.producer.push(relay.records / relay.producerSeconds);
    say(
      `  run ${run + 1}: ${measurements.map((name) => `${name} ${whole(rates[name].at(-1))}`).join(', ')} a second`,
    );
  }
  return { rates, latenciesMs };
}

function unmeasured(): { rates: Rates; latenciesMs: number[] } {
  return { rates: { pgbench: [], single: [], batched: [], relay: [], producer: [] }, latenciesMs: [] };
}

function notMeasured({ say }: Session, reason: unknown): number {
  say(`  pgbench is not measured: ${messageOf(reason)}`);
  return Number.NaN;
}

function subjects(portBase: number): VisibleSubject[] {
  return [
    {
      view: 'departure-board',
      store: 'Redis',
      urlOf: (id) =>
        `${at(portBase, servicePorts.departureBoard)}/airports/EWR/departures?from=${id.slice(0, 10)}T00:00:00Z&limit=1`,
    },
    {
      view: 'route-punctuality',
      store: 'Postgres',
      urlOf: () => `${at(portBase, servicePorts.routePunctuality)}/routes/EWR/IAH/punctuality`,
    },
    {
      view: 'flight-timeline',
      store: 'Postgres',
      urlOf: (id) => `${at(portBase, servicePorts.flightTimeline)}/flights/${id}/timeline`,
      shows: ({ status }) => status === 200,
    },
    {
      view: 'flight-search',
      store: 'Elasticsearch',
      urlOf: (id) => `${at(portBase, servicePorts.flightSearch)}/flights/${id}`,
      shows: ({ status }) => status === 200,
    },
  ];
}

async function whenLive(control: ControlClient, views: readonly VisibleSubject[]): Promise<void> {
  for (const { view } of views)
    while (!(await control.generations(view)).some(({ status }) => status === 'live')) await pause(200);
}

function reportOf(rates: Rates, latenciesMs: readonly number[], { together, alone }: Shown): string {
  const of = (name: keyof Rates): number => median(rates[name]);
  const lines =
    rates.single.length === 0
      ? []
      : [
          `${clients} clients, one command each   ${whole(of('single'))} commands/s, ${times(latenciesMs)}`,
          `  pgbench, the same rows           ${whole(of('pgbench'))} transactions/s: ${share(of('single'), of('pgbench'))}`,
          `commands by the line               ${whole(of('batched'))} commands/s: ${share(of('batched'), of('single'))} of single ones`,
          `relay                              ${whole(of('relay'))} records/s`,
          `  a bare producer, the same        ${whole(of('producer'))} records/s: ${share(of('relay'), of('producer'))}`,
        ];
  const until = `until a view shows it, at ${shownAt.perSecond} commands/s`;
  if (together.length > 0) lines.push(`${until}, all views on this machine:`, ...together.map(shownLine));
  if (alone.length > 0) lines.push(`${until}, each view as the only one:`, ...alone.map(shownLine));
  return lines.join('\n');
}

function shownLine({ subject, timesMs, refused, stale, late }: VisibleTimes): string {
  const name = `${subject.view} (${subject.store})`.padEnd(33);
  return `  ${name}${times(timesMs)}; ${timesMs.length} asked, ${refused} refused, ${stale} stale, ${late} not published in time`;
}

function summaryOf({ subject, timesMs, refused, stale, late }: VisibleTimes) {
  return { view: subject.view, store: subject.store, timesMs: quantiles(timesMs), refused, stale, late };
}

function quantiles(valuesMs: readonly number[]) {
  const at = (part: number): number => quantile(valuesMs, part) ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

function times(valuesMs: readonly number[]): string {
  const { p50, p99 } = quantiles(valuesMs);
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}

function share(value: number, of: number): string {
  return Number.isNaN(of) ? 'not measured' : `${(value / of).toFixed(2)} ×`;
}

function whole(value = Number.NaN): string {
  return Math.round(value).toLocaleString('en');
}

function keep({ options, say }: Session, results: object): void {
  const path = join(options.stateDir, 'commands.json');
  writeFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), ...results }, undefined, 2)}\n`);
  say(`\nAs JSON: ${path}`);
}

/** As the superuser, who may make a schema of his own beside the service's tables. */
function writeStoreOf(postgresUrl: string): string {
  const url = new URL(postgresUrl);
  url.pathname = '/flight_commands';
  return url.href;
}

function at(portBase: number, offset: number): string {
  return `http://127.0.0.1:${portBase + offset}`;
}
