/** The narrow interface to replicated logs: what the rest of a KMA knows of the engine, and the simulation of its stand-in. It does nothing. */
import type { VersionVector } from '../core/version-vector.ts';

export interface LogId {
  readonly incarnationId: string;
  /** Raw Ed25519, upper-case hex: the log belongs to whoever can sign for it. */
  readonly publicKey: string;
}

/** A member that is connected. */
export interface Peer {
  readonly incarnationId: string;
}

/** Given after the commit: how much of each log is folded, and up to where every sealed object is there. */
export interface Confirmation {
  readonly applied: VersionVector;
  readonly holds: VersionVector;
}

/** Blocks from position `afterSeq` on, in order; resolves with the length that is in the store now, which is what comes next. */
export type OnBlocks = (afterSeq: number, blocks: readonly Uint8Array[]) => Promise<number>;

export interface ReplicatedLogs {
  /** Blocks of the own log; they must begin where the engine's copy ends. Gives its length afterwards. */
  append(afterSeq: number, blocks: readonly Uint8Array[]): Promise<number>;
  /** Of the engine's copy of the own log. */
  ownLength(): Promise<number>;
  /** The longest own log that any peer has told of; more than there is here means that this is an older copy, and is never less again. */
  ownLengthElsewhere(): number;
  /**
   * From now on the blocks of this log are fetched from whoever has them and given in order, none twice, those up to `afterSeq` never.
   * The next ones come when `onBlocks` has resolved; where it took none of them, they come again later.
   */
  follow(log: LogId, afterSeq: number, onBlocks: OnBlocks): void;
  unfollow(incarnationId: string): void;
  /** Out of turn: resolves when everything that connected peers had folded when asked was given to `onBlocks`, or, with false, after `timeoutMs`. */
  catchUp(timeoutMs: number): Promise<boolean>;
  /** Told to all peers, and to later ones when they connect. */
  confirm(confirmation: Confirmation): void;
  onConfirmed(listener: (peer: Peer, confirmation: Confirmation) => void): void;
  peers(): readonly Peer[];
  close(): Promise<void>;
}
