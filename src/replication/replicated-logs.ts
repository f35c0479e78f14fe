/** The narrow interface of a replication engine (architecture 5.12): logs of blocks that members copy from each other. It knows no fact and no table. */

/** For each incarnation a length of its log. */
export type VersionVector = { readonly [incarnationId: string]: number };

export interface LogId {
  readonly incarnationId: string;
  /** Raw Ed25519, hex. */
  readonly publicKey: string;
}
/** A connected member. */
export interface Peer {
  readonly incarnationId: string;
}
export interface Confirmation {
  readonly applied: VersionVector;
  readonly holds: VersionVector;
}

export interface ReplicatedLogs {
  /** Blocks of the own log after `afterSeq`; they must start where the engine's copy ends. Gives its length afterwards. */
  append(afterSeq: number, blocks: readonly Uint8Array[]): Promise<number>;
  /** Of the engine's copy of the own log. */
  ownLength(): Promise<number>;
  /** The longest own log that any connected peer has told of; more than the own: this is an older copy. */
  ownLengthElsewhere(): number;
  /**
   * From now on blocks of this log are fetched from whoever has them, and given in order from `afterSeq` on, at most
   * `maxBlocks`/`maxBytes` a call; the next call comes when the promise has resolved with the new length.
   */
  follow(
    log: LogId,
    afterSeq: number,
    onBlocks: (afterSeq: number, blocks: readonly Uint8Array[]) => Promise<number>,
  ): void;
  unfollow(incarnationId: string): void;
  /** Out of turn: resolves when everything that connected peers had at this moment has been given to onBlocks, or after timeoutMs. */
  catchUp(timeoutMs: number): Promise<void>;
  /** After the commit: told to all connected peers now and to later ones when they connect. */
  confirm(confirmation: Confirmation): void;
  onConfirmed(listener: (peer: Peer, confirmation: Confirmation) => void): void;
  peers(): readonly Peer[];
  close(): Promise<void>;
}
