import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How far the replay came. */
export interface Progress {
  /** Commands on airlines, airports and aircraft that were acknowledged, in their order. */
  readonly references: number;
  /** Commands on flights that were acknowledged, by selection (`1`, `1-12`), in the selection's order of time. */
  readonly selections: Readonly<Record<string, number>>;
  /** Months of which every command was acknowledged. */
  readonly completedMonths: readonly number[];
}

const nothingYet: Progress = { references: 0, selections: {}, completedMonths: [] };

/** Names a selection of months. */
export function selectionId(months: readonly number[]): string {
  return months.length > 1 ? `${months[0]}-${months.at(-1)}` : String(months[0]);
}

/** Progress kept in a file that is whole at any moment: written beside it, synced, then moved into its place. */
export class ProgressFile {
  private constructor(
    private readonly path: string,
    private progress: Progress,
  ) {}

  /** @throws Error when there is a file that is not one of these: better to stop than to replay a year again. */
  static async open(path: string): Promise<ProgressFile> {
    try {
      return new ProgressFile(path, parseProgress(path, await readFile(path, 'utf8')));
    } catch (failure) {
      if (isNotThere(failure)) return new ProgressFile(path, nothingYet);
      throw failure;
    }
  }

  get current(): Progress {
    return this.progress;
  }

  acknowledgedOf(selection: string): number {
    return this.progress.selections[selection] ?? 0;
  }

  saveReferences(references: number): Promise<void> {
    return this.save({ ...this.progress, references });
  }

  saveSelection(selection: string, acknowledged: number): Promise<void> {
    return this.save({
      ...this.progress,
      selections: { ...this.progress.selections, [selection]: acknowledged },
    });
  }

  saveCompleted(months: readonly number[]): Promise<void> {
    const completedMonths = [...new Set([...this.progress.completedMonths, ...months])].sort((a, b) => a - b);
    return this.save({ ...this.progress, completedMonths });
  }

  private async save(progress: Progress): Promise<void> {
    const beside = `${this.path}.new`;
    const file = await open(beside, 'w');
    try {
      await file.writeFile(`${JSON.stringify(progress, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.path);
    await syncFolder(dirname(this.path));
    this.progress = progress;
  }
}

function isNotThere(failure: unknown): boolean {
  return isRecord(failure) && failure['code'] === 'ENOENT';
}

/** So that the new name survives a loss of power as well. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parseProgress(path: string, text: string): Progress {
  const parsed = parseJson(text);
  if (isProgress(parsed)) return parsed;
  throw new Error(`${path} does not say how far a replay came; move it away to begin anew`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProgress(value: unknown): value is Progress {
  return (
    isRecord(value) &&
    isCount(value['references']) &&
    isRecord(value['selections']) &&
    Object.values(value['selections']).every(isCount) &&
    Array.isArray(value['completedMonths']) &&
    value['completedMonths'].every(isCount)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
