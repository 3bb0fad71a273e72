import { setTimeout as pause } from 'node:timers/promises';
import { servicePorts } from '@reprise/infra';
import { Control, type KnownGeneration } from './control.js';
import { SteadyReaders, type Reading } from './steady-readers.js';
import { SteadyWriter } from './steady-writer.js';
import { subjects, type Subject } from './subjects.js';

export interface FlipOptions {
  /** First port of a platform that runs and holds January. */
  readonly portBase: number;
  /** Default all views that are measured. */
  readonly views?: readonly string[];
  /** Flips, and as many rollbacks, of each view. Default 20. */
  readonly flips?: number;
  /** Default 200. */
  readonly readsPerSecond?: number;
  /** Changes of a flight that every view shows. Default 10. */
  readonly writesPerSecond?: number;
  /** Told of each view as soon as it is measured. */
  readonly onMeasured?: (measurement: FlipMeasurement) => void;
}

/** One flip or rollback as readers saw it. */
export interface FlipTiming {
  readonly kind: 'flip' | 'rollback';
  /** From the request to the control plane's answer: it waits until the generation may go live. */
  readonly decidedMs: number;
  /** From the control plane's answer to the first answer of the new generation; 0 when that came before. */
  readonly firstMs: number;
  /** From the control plane's answer to the last answer of the old generation; 0 when that came before. */
  readonly lastMs: number;
  /** Longest time between two answers. */
  readonly pauseMs: number;
}

export interface FlipMeasurement {
  readonly view: string;
  readonly store: string;
  readonly timings: readonly FlipTiming[];
  readonly reads: number;
  readonly failedReads: number;
  /** Milliseconds from question to answer. */
  readonly before: readonly number[];
  readonly duringRebuild: readonly number[];
}

/** Time that is watched on both sides of a flip. */
const marginMs = 300;
/** Long enough that a single collection of garbage does not make the slowest read in a hundred. */
const quietMs = 20_000;
const followLimitMs = 30_000;
const pollMs = 5;

/**
 * Rebuilds each view once, then flips and rolls back between its two generations while it is read (and written) steadily.
 * Leaves the generation live that was live before, and retires its own.
 */
export async function measureFlips(options: FlipOptions): Promise<FlipMeasurement[]> {
  const measured: FlipMeasurement[] = [];
  for (const subject of subjects) {
    if (options.views && !options.views.includes(subject.view)) continue;
    const measurement = await measureView(subject, options);
    options.onMeasured?.(measurement);
    measured.push(measurement);
  }
  return measured;
}

async function measureView(subject: Subject, options: FlipOptions): Promise<FlipMeasurement> {
  const { portBase, readsPerSecond = 200, writesPerSecond = 10 } = options;
  const { view, store, portOffset, paths } = subject;
  const control = new Control(at(portBase, servicePorts.controlPlane));
  const readers = new SteadyReaders(
    paths.map((path) => `${at(portBase, portOffset)}${path}`),
    readsPerSecond,
  );
  const writer = new SteadyWriter(at(portBase, servicePorts.flightCommands), writesPerSecond);
  try {
    const fromMs = performance.now();
    await pause(quietMs);
    const old = await control.live(view);
    const rebuiltFromMs = performance.now();
    const built = await control.rebuild(view);
    try {
      await control.ready(view, built.number);
      const rebuiltMs = performance.now();
      const timings = await flipToAndFro(subject, options, { control, readers, old, built });
      return {
        view,
        store,
        timings,
        reads: readers.readings.length,
        failedReads: readers.readings.filter(({ generation }) => generation === undefined).length,
        before: latencies(readers.between(fromMs, rebuiltFromMs)),
        duringRebuild: latencies(readers.between(rebuiltFromMs, rebuiltMs)),
      };
    } finally {
      if ((await control.live(view)).number !== old.number) await control.flip(view, old.number);
      await control.retire(view, built.number);
    }
  } finally {
    await readers.stop();
    await writer.stop();
  }
}

interface Measured {
  readonly control: Control;
  readonly readers: SteadyReaders;
  readonly old: KnownGeneration;
  readonly built: KnownGeneration;
}

async function flipToAndFro(
  { view }: Subject,
  { flips = 20 }: FlipOptions,
  { control, readers, old, built }: Measured,
): Promise<FlipTiming[]> {
  const timings: FlipTiming[] = [];
  for (let count = 0; count < flips; count += 1) {
    const flip = () => control.flip(view, built.number);
    timings.push(await timed(readers, { kind: 'flip', to: built.name, ask: flip }));
    const rollBack = () => control.rollBack(view);
    timings.push(await timed(readers, { kind: 'rollback', to: old.name, ask: rollBack }));
  }
  return timings;
}

async function timed(
  readers: SteadyReaders,
  { kind, to, ask }: { kind: FlipTiming['kind']; to: string; ask: () => Promise<void> },
): Promise<FlipTiming> {
  await pause(marginMs);
  const askedMs = performance.now();
  const readBefore = readers.readings.length;
  await ask();
  const decidedAtMs = performance.now();
  const firstAtMs = await firstAnswerOf(readers, to, readBefore);
  await pause(marginMs);
  const answers = readers.readings.slice(readBefore);
  const old = answers.filter(({ generation }) => generation !== undefined && generation !== to);
  const lastAtMs = old.at(-1)?.answeredMs ?? askedMs;
  return {
    kind,
    decidedMs: decidedAtMs - askedMs,
    firstMs: Math.max(0, firstAtMs - decidedAtMs),
    lastMs: Math.max(0, lastAtMs - decidedAtMs),
    pauseMs: longestPause(answers),
  };
}

/**
 * Among the readings from a place on, which are in the order of their answers. Each is looked at once: the processor is short
 * just then.
 * @throws Error when the query service does not follow.
 */
async function firstAnswerOf(
  { readings }: SteadyReaders,
  generation: string,
  place: number,
): Promise<number> {
  const untilMs = performance.now() + followLimitMs;
  for (let next = place; performance.now() < untilMs;) {
    for (; next < readings.length; next += 1) {
      const reading = readings[next];
      if (reading?.generation === generation) return reading.answeredMs;
    }
    await pause(pollMs);
  }
  throw new Error(`no answer of ${generation} came within ${followLimitMs} ms`);
}

function longestPause(answers: readonly Reading[]): number {
  const pauses = answers.map(
    ({ answeredMs }, place) => answeredMs - (answers[place - 1]?.answeredMs ?? answeredMs),
  );
  return Math.max(0, ...pauses);
}

function latencies(readings: readonly Reading[]): number[] {
  return readings.map(({ askedMs, answeredMs }) => answeredMs - askedMs);
}

function at(portBase: number, offset: number): string {
  return `http://127.0.0.1:${portBase + offset}`;
}
