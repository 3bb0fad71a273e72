import type { ViewGenerations } from '@reprise/contracts';
import type { ControlPlane } from '../src/control-plane.js';
import { wasRefused } from '../src/generations/view-generations-store.js';
import type { ControlPlaneSetting } from './control-plane-setting.js';
import { builderSays, type Said } from './facts.js';

export const view = 'flight-search';

export type SearchView = ReturnType<typeof searchViewOn>;

/** What the builder of view flight-search says and does, on the two partitions of its source. */
export function searchViewOn(setting: ControlPlaneSetting) {
  /** A builder reports generations by their positions in the source's two partitions. */
  function report(generations: Record<number, Said>, instance = 'one') {
    const said = builderSays(instance, generations);
    return setting.report(said.instance, { ...said, sourceTopics: [setting.sourceTopic] });
  }

  function at([first, second]: [number, number], behind = 0): Said {
    return {
      partitions: {
        [setting.partition(0)]: [first - behind, first],
        [setting.partition(1)]: [second, second],
      },
    };
  }

  async function firstLive(plane: ControlPlane): Promise<[number, number]> {
    await setting.fillSource(100);
    await report({});
    await until(plane, has(1, 'building'));
    const all = await setting.sourceEnds();
    await report({ 1: at(all) });
    await until(plane, has(1, 'verifying'));
    await report({ 1: checked(at(all)) });
    await until(plane, has(1, 'live'));
    return all;
  }

  return { report, at, firstLive };
}

/** It carried its first check through, and found this much wrong. */
export function checked(said: Said, differences = 0): Said {
  const expected = '{"delay":5}';
  const sample = { kind: 'row', entity: 'k1', key: 'k1', expected, actual: null };
  const samples = Array.from({ length: differences }, () => sample);
  return { ...said, verification: { id: 1, isDone: true, entitiesChecked: 100, differences, samples } };
}

/** Until the control plane has it so; it looks again with every report and every tick. */
export async function until(
  plane: ControlPlane,
  isSo: (known: ViewGenerations) => boolean,
): Promise<ViewGenerations> {
  for (;;) {
    const known = await plane.store.read(view);
    if (!wasRefused(known) && isSo(known)) return known;
    await plane.reports.changed(50);
  }
}

export const statusOf = (known: ViewGenerations, number: number): string | undefined =>
  known.generations.find((generation) => generation.number === number)?.status;
export const has = (number: number, status: string) => (known: ViewGenerations) =>
  statusOf(known, number) === status;
