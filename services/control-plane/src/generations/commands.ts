import type { PartitionOffset, Verification } from '@reprise/contracts';
import type { Positions } from '@reprise/kernel';

/** What is known, when a flip is asked for, of the two generations: it lets the decider judge without asking anyone. */
export interface FlipStanding {
  /** The generation that was live when the positions were noted; null: none. */
  readonly replaces: number | null;
  /** What the live generation had shown to readers when the flip was asked for. */
  readonly shown: Positions;
  /** What the generation that is to go live has applied. */
  readonly applied: Positions;
}

/** What may be asked of a view's generations. Times are epoch milliseconds, UTC. */
export type GenerationsCommand =
  | RegisterView
  | {
      readonly type: 'AnnounceDefinition';
      readonly definitionVersion: number;
      readonly sourceTopics: readonly string[];
    }
  | StartRebuild
  | {
      readonly type: 'AdvanceGeneration';
      readonly number: number;
      readonly to: 'catching-up' | 'verifying';
      readonly atMs: number;
    }
  | {
      readonly type: 'FailGeneration';
      readonly number: number;
      readonly reason: string;
      readonly atMs: number;
    }
  | PauseGeneration
  | ResumeGeneration
  | ThrottleGeneration
  | CancelGeneration
  | RequestVerification
  | ConcludeVerification
  | AnnounceFlip
  | FlipGeneration
  | RollBack
  | {
      readonly type: 'RetireGeneration';
      readonly number: number;
      readonly reason: string;
      readonly atMs: number;
    }
  | { readonly type: 'ConfirmDropped'; readonly number: number };

/** Makes the view known and starts its first generation, which goes live by itself. */
export interface RegisterView {
  readonly type: 'RegisterView';
  readonly view: string;
  readonly definitionVersion: number;
  readonly sourceTopics: readonly string[];
  readonly targets: readonly PartitionOffset[];
  /** Of the definition's code, as its builder tells it; empty when it tells none. */
  readonly fingerprint: string;
  readonly requestedBy: string;
  readonly atMs: number;
}

export interface StartRebuild {
  readonly type: 'StartRebuild';
  readonly autoFlip: boolean;
  readonly definitionVersion: number;
  /** All that the builders of this version tell of its code. */
  readonly fingerprints: readonly string[];
  /** End offsets of the source topics: where `building` ends. */
  readonly targets: readonly PartitionOffset[];
  readonly requestedBy: string;
  readonly atMs: number;
}

/** That this flip or rollback comes next. Refused as it would be itself, if it were asked for now. */
export interface AnnounceFlip {
  readonly type: 'AnnounceFlip';
  readonly of: FlipGeneration | RollBack;
}

export interface FlipGeneration {
  readonly type: 'FlipGeneration';
  readonly number: number;
  readonly standing: FlipStanding;
  /** Dead letters of the generation that are open. */
  readonly openLetters: number;
  /** Live reads that it answers otherwise; undefined: no more than are let pass. */
  readonly differing: DifferingReads | undefined;
  /** In spite of open dead letters, and of reads that it answers otherwise. */
  readonly force: boolean;
  /** Kept with the flip: why it is forced, or what is not known of the generation. */
  readonly note: string | null;
  readonly requestedBy: string;
  readonly atMs: number;
}

/** Live reads that were asked of a generation as well, and answered otherwise by it. */
export interface DifferingReads {
  readonly compared: number;
  readonly mismatched: number;
  /** How many are let pass. */
  readonly allowed: number;
  /** One of them, in words; empty when none was told. */
  readonly example: string;
}

/**
 * `number`: the previous generation as the asker knew it; `standing` is about that one. `from`: the generation that the asker
 * wants to leave; null: whichever is live.
 */
export interface RollBack {
  readonly type: 'RollBack';
  readonly number: number;
  readonly from: number | null;
  readonly standing: FlipStanding;
  readonly requestedBy: string;
  readonly atMs: number;
}

/** A check of what the generation holds. */
export interface RequestVerification {
  readonly type: 'RequestVerification';
  readonly number: number;
  /** Mend what differs. */
  readonly repair: boolean;
  /** Number of the generation to compare with; null: with the log. */
  readonly against: number | null;
  readonly requestedBy: string;
  readonly atMs: number;
}

/** What a check came to. */
export type VerificationResult = Pick<
  Verification,
  'entitiesChecked' | 'differences' | 'repaired' | 'problem' | 'samples'
>;

/** `id`: the check that was carried out; that of an older one comes to nothing. */
export interface ConcludeVerification {
  readonly type: 'ConcludeVerification';
  readonly number: number;
  readonly id: number;
  readonly result: VerificationResult;
  readonly atMs: number;
}

/** Its builders stop reading until it is resumed. */
export interface PauseGeneration {
  readonly type: 'PauseGeneration';
  readonly number: number;
  readonly atMs: number;
}

export interface ResumeGeneration {
  readonly type: 'ResumeGeneration';
  readonly number: number;
  readonly atMs: number;
}

export interface ThrottleGeneration {
  readonly type: 'ThrottleGeneration';
  readonly number: number;
  /** For all its builders together; null: no limit. */
  readonly maxRecordsPerSecond: number | null;
  readonly atMs: number;
}

/** Ends a rebuild that is under way. */
export interface CancelGeneration {
  readonly type: 'CancelGeneration';
  readonly number: number;
  readonly requestedBy: string;
  readonly atMs: number;
}
