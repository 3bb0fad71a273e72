import { readFileSync } from 'node:fs';
import { z } from 'zod';
import * as answers from './answers.js';
import type { Flips, Generation, Letter, LetterOrder, Letters, View, Views } from './answers.js';

/** A failure that the user is told in one line. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
}

/** The control plane did not answer, or something else answered in its place. It may be back in a moment. */
export class UnreachableError extends CliError {
  override readonly name = 'UnreachableError';
}

export interface ControlPlaneClientOptions {
  readonly controlUrl: string;
  readonly actor: string;
  readonly token?: string;
  /** Holds the token, in place of it. Read for every request, as it may be renewed while we follow something. */
  readonly tokenFile?: string;
}

/** Longer than the longest wait of a flip. */
const timeoutMs = 60_000;

/**
 * The control plane's REST interface.
 * Every call throws UnreachableError when there is no answer, CliError with the reason when it is a refusal.
 */
export class ControlPlaneClient {
  constructor(private readonly options: ControlPlaneClientOptions) {}

  views(): Promise<Views> {
    return this.ask('GET', 'views', answers.views);
  }

  view(view: string): Promise<View> {
    return this.ask('GET', `views/${encodeURIComponent(view)}`, answers.view);
  }

  generations(view: string): Promise<Generation[]> {
    return this.ask('GET', `views/${encodeURIComponent(view)}/generations`, z.array(answers.generation));
  }

  generation(view: string, number: number): Promise<Generation> {
    return this.ask('GET', generationPath(view, number), answers.generation);
  }

  /** @param wanted `autoFlip`, and `definitionVersion` where it is not the newest. */
  rebuild(view: string, wanted: object): Promise<Generation> {
    const path = `views/${encodeURIComponent(view)}/rebuilds`;
    return this.ask('POST', path, answers.generation, wanted);
  }

  /** @param from The generation to leave. */
  rollBack(view: string, from: number): Promise<Generation> {
    return this.ask('POST', `views/${encodeURIComponent(view)}/rollback`, answers.generation, { from });
  }

  /** @param wanted `force`: in spite of what stands against it, and the `reason`. */
  flip(view: string, number: number, wanted: object): Promise<Generation> {
    return this.ask('POST', `${generationPath(view, number)}/flip`, answers.generation, wanted);
  }

  /** Asks for what needs no more words. */
  order(view: string, number: number, order: 'retire' | 'pause' | 'resume' | 'cancel'): Promise<Generation> {
    return this.ask('POST', `${generationPath(view, number)}/${order}`, answers.generation);
  }

  throttle(view: string, number: number, maxRecordsPerSecond: number | null): Promise<Generation> {
    const path = `${generationPath(view, number)}/throttle`;
    return this.ask('PUT', path, answers.generation, { maxRecordsPerSecond });
  }

  /** @param wanted `repair`, or the generation to compare with: `against`. */
  verify(view: string, number: number, wanted: object): Promise<Generation> {
    return this.ask('POST', `${generationPath(view, number)}/verifications`, answers.generation, wanted);
  }

  flips(view: string): Promise<Flips> {
    return this.ask('GET', `views/${encodeURIComponent(view)}/flips`, answers.flips);
  }

  /** @param filter Query parameters, as `view` and `status`. */
  letters(filter: Readonly<Record<string, string>>): Promise<Letters> {
    return this.ask('GET', `dead-letters?${new URLSearchParams(filter).toString()}`, answers.letters);
  }

  letter(letterId: string): Promise<Letter> {
    return this.ask('GET', `dead-letters/${encodeURIComponent(letterId)}`, answers.letter);
  }

  /** @param order Which letters, and `dryRun`; for a discard also the `reason`. */
  orderLetters(action: 'redrive' | 'discard', order: object): Promise<LetterOrder> {
    return this.ask('POST', `dead-letters/${action}`, answers.letterOrder, order);
  }

  private async ask<Answer extends z.ZodType>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    ...[answer, body]: [answer: Answer, body?: object]
  ): Promise<z.output<Answer>> {
    const { status, ok, content } = await this.exchange(method, path, body);
    if (ok) {
      const parsed = answer.safeParse(content);
      if (parsed.success) return parsed.data;
      throw new UnreachableError(
        `What answers at ${this.options.controlUrl} is not a control plane of this version.`,
      );
    }
    const refusal = answers.problem.safeParse(content);
    if (refusal.success && status < 500) throw new CliError(refusal.data.detail);
    throw new UnreachableError(
      refusal.success ? refusal.data.detail : `The control plane answered ${status}.`,
    );
  }

  private async exchange(method: string, path: string, body: object | undefined) {
    const { controlUrl, actor } = this.options;
    const token = tokenOf(this.options);
    try {
      const response = await fetch(new URL(path, `${controlUrl.replace(/\/$/, '')}/`), {
        method,
        headers: {
          'x-reprise-actor': actor,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, ok: response.ok, content: await jsonOf(response) };
    } catch (failure) {
      const hint = 'Is it running (npm start)?';
      throw new UnreachableError(
        `The control plane at ${controlUrl} cannot be reached: ${causeOf(failure)}. ${hint}`,
      );
    }
  }
}

/** @throws CliError, which tells nothing of the token itself. */
function tokenOf({ token, tokenFile }: ControlPlaneClientOptions): string | undefined {
  const found = tokenFile === undefined ? token : contentOf(tokenFile);
  if (found === undefined || /^[\w.~+/-]+=*$/.test(found)) return found;
  throw new CliError('The token is none: it must be one word, as its issuer gave it.');
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new CliError(`The token file ${path} cannot be read.`);
  }
}

function generationPath(view: string, number: number): string {
  return `views/${encodeURIComponent(view)}/generations/${number}`;
}

/** Undefined when the body is not JSON: then it is not the control plane that answered. */
async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only the innermost cause says what happened; what is around it says "fetch failed". */
function causeOf(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null) return String(failure);
  if ('errors' in failure && Array.isArray(failure.errors) && failure.errors.length > 0)
    return causeOf(failure.errors[0]);
  if ('cause' in failure && failure.cause !== undefined) return causeOf(failure.cause);
  return 'message' in failure && typeof failure.message === 'string' ? failure.message : 'no reason given';
}
