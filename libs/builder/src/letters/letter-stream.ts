import { randomUUID } from 'node:crypto';
import {
  catalogue,
  eventHeaders,
  type DeadLetter,
  type Envelope,
  type RedriveRequest,
  type StreamContract,
} from '@reprise/contracts';
import type { Clock } from '@reprise/kernel';
import { LogProducer, StreamEncoder, StreamTail, type LogConnection, type TailRecord } from '@reprise/log';
import { isUnclosed } from './letter.js';
import { defaultLimits, Letters, type LetterBook, type LetterLimits } from './letter-book.js';

export interface LetterStreamOptions {
  /** Name of the view whose letters are followed. */
  readonly view: string;
  readonly connection: LogConnection;
  readonly clock: Clock;
  /** A letter or a request came that somebody else wrote. */
  readonly onNews: () => void;
  readonly onFatal: (reason: unknown) => void;
  readonly limits?: LetterLimits;
}

/** Closed letters that a generation keeps, for those who look what became of them. */
const closedKept = 1_000;

interface Known {
  readonly letter: DeadLetter;
  readonly version: number;
}

/**
 * The dead letters of one view, on a stream of their own: written before the checkpoint that passes over the record moves,
 * under an id that is the same for the same record. So a crash in between leaves neither a gap nor a double. Several
 * processes may write of the same letter, one of them with an old view of it: what the log has last stands, for everyone,
 * and a process knows what it wrote only when it has come back.
 */
export class LetterStream {
  private readonly producer: LogProducer;
  private readonly letters: StreamTail<DeadLetter>;
  private readonly requests: StreamTail<RedriveRequest>;
  private readonly books = new Map<number, Letters>();
  private readonly known = new Map<string, Known>();
  private readonly asked = new Map<string, RedriveRequest>();
  private encoder: StreamEncoder<DeadLetter> | undefined;

  constructor(private readonly options: LetterStreamOptions) {
    const { connection, onFatal } = options;
    this.producer = new LogProducer(connection);
    this.letters = new StreamTail({
      contract: catalogue.deadLetter,
      connection,
      onRecord: (record) => {
        this.takeLetter(record);
      },
      onFatal,
    });
    this.requests = new StreamTail({
      contract: catalogue.redrive,
      connection,
      onRecord: (record) => {
        this.takeRequest(record);
      },
      onFatal,
    });
  }

  async start(): Promise<void> {
    this.encoder = await StreamEncoder.open(catalogue.deadLetter, this.options.connection);
    await Promise.all([this.letters.start(), this.requests.start()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.letters.stop(), this.requests.stop()]);
    await this.producer.stop();
  }

  /** The letters of one generation. */
  book(generation: number): LetterBook {
    const letters = this.bookOf(generation);
    return {
      caughtUp: async () => {
        await Promise.all([this.letters.caughtUp(), this.requests.caughtUp()]);
      },
      find: (id) => letters.find(id),
      hasAny: () => letters.hasAny(),
      lettersOf: (partition, key) => letters.lettersOf(partition, key),
      unclosedOf: (partition, key) => letters.unclosedOf(partition, key),
      unclosedIn: (partition) => letters.unclosedIn(partition),
      requestFor: (id) => this.asked.get(id),
      put: async (written) => {
        letters.requireRoom(written);
        await this.write(written);
        await this.forgetOldest(letters);
      },
      erase: (erased) => this.erase(erased),
    };
  }

  openCount(generation: number): number {
    return this.bookOf(generation).all().filter(isUnclosed).length;
  }

  /** A generation that is dropped leaves no letter. */
  async forget(generation: number): Promise<void> {
    await this.erase(this.bookOf(generation).all());
  }

  private bookOf(generation: number): Letters {
    const known = this.books.get(generation);
    if (known) return known;
    const made = new Letters(this.options.limits ?? defaultLimits);
    this.books.set(generation, made);
    return made;
  }

  private takeLetter({ key, envelope, entityVersion }: TailRecord<DeadLetter>): void {
    const version = envelope?.version ?? entityVersion ?? 0;
    const known = this.known.get(key);
    if (!envelope || envelope.deleted) {
      if (known) this.remember(known.letter, version, 'gone');
      return;
    }
    if (envelope.state.view !== this.options.view) return;
    this.remember(envelope.state, version, 'there');
    this.options.onNews();
  }

  private takeRequest({ key, envelope }: TailRecord<RedriveRequest>): void {
    if (!envelope || envelope.deleted) {
      this.asked.delete(key);
      return;
    }
    if (envelope.state.view !== this.options.view) return;
    this.asked.set(key, envelope.state);
    this.options.onNews();
  }

  private remember(letter: DeadLetter, version: number, standing: 'there' | 'gone'): void {
    const { letterId, generation } = letter;
    this.known.set(letterId, { letter, version });
    if (standing === 'there') this.bookOf(generation).take(letter);
    else {
      this.bookOf(generation).forget(letterId);
      this.known.delete(letterId);
    }
  }

  private async write(letters: readonly DeadLetter[]): Promise<void> {
    const { encoder } = this;
    if (!encoder || letters.length === 0) return;
    const told = letters.map((letter) => this.envelopeOf(letter, 'there'));
    await this.producer.append(
      told.map((envelope) => ({
        ...addressed(catalogue.deadLetter, envelope),
        value: encoder.encode(envelope),
      })),
    );
    await this.letters.caughtUp();
  }

  private async erase(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const told = letters.map((letter) => this.envelopeOf(letter, 'gone'));
    await this.producer.append(
      told.flatMap((envelope) => [
        { ...addressed(catalogue.deadLetter, envelope), value: null },
        { ...addressed(catalogue.redrive, envelope), value: null },
      ]),
    );
    await this.letters.caughtUp();
  }

  private async forgetOldest(letters: Letters): Promise<void> {
    const closed = letters.all().filter((letter) => !isUnclosed(letter));
    if (closed.length > closedKept) await this.erase(closed.slice(0, closed.length - closedKept));
  }

  private envelopeOf(letter: DeadLetter, standing: 'there' | 'gone'): Envelope<DeadLetter> {
    return {
      event: standing === 'there' ? 'DeadLetterWritten' : 'DeadLetterForgotten',
      version: (this.known.get(letter.letterId)?.version ?? 0) + 1,
      occurredAt: this.options.clock.nowMs(),
      changed: [],
      deleted: standing === 'gone',
      state: letter,
    };
  }
}

function addressed(contract: StreamContract<unknown>, envelope: Envelope<DeadLetter>) {
  const { letterId: key, view } = envelope.state;
  const headers = eventHeaders(contract, envelope, {
    id: randomUUID(),
    source: `/${view}-builder`,
    key,
    provenance: { correlationId: key, causationId: key, actor: 'builder' },
  });
  return { topic: contract.topic, key, headers };
}
