/** What of the simulated world a mutant replaces; whatever is not replaced is what production runs. It is known to `sim/` alone. */
import type { LogEntry } from '../src/core/facts.ts';
import { foldFact } from '../src/core/fold.ts';
import { type Hlc, nextHlc } from '../src/core/stamp.ts';
import type { StateView } from '../src/core/state.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import type { ForeignTarget } from '../src/store/foreign-entries.ts';
import type { AuditRow, Store } from './store.ts';

export interface Seams {
  readonly fold: typeof foldFact;
  readonly nextHlc: typeof nextHlc;
  readonly findOperation: typeof findOperation;
  /** Up to where every sealed object is there; what backups and confirmations say. */
  readonly holds: (store: Store) => Readonly<Record<string, number>>;
  /** The later of the clock's last reading and a foreign stamp. */
  readonly observe: (last: Hlc, foreign: Hlc) => Hlc;
  /** What decisions read. */
  readonly view: (state: StateView) => StateView;
  /** The records that are written in the transaction of an operation. */
  readonly audit: (records: readonly AuditRow[]) => readonly AuditRow[];
  /** What foreign entries are taken into, and what of them comes. */
  readonly foreign: (target: ForeignTarget, afterSeq: number) => ForeignTarget;
  readonly blocksOf: (blocks: readonly Uint8Array[]) => readonly Uint8Array[];
  /** Whether the log of a life that is known is followed. */
  readonly follows: (incarnationId: string) => boolean;
  /** Peers are asked for sealed objects that are missing. */
  readonly asksForObjects: boolean;
  /** Whether a sealed object that comes is stored. */
  readonly isWanted: (id: string, store: Store) => boolean;
  /** Confirmations say what is in the open transaction. */
  readonly confirmsBeforeCommit: boolean;
  readonly answersBeforeSync: boolean;
  /** Changes that stay when the power goes before the sync. */
  readonly keptAtPowerLoss: number;
  /** An older state of the disk begins a new life. */
  readonly detectsCopies: boolean;
  /** The end of a log that others have another end of is taken back. */
  readonly repeatsTail: boolean;
  /** What is said again of it. */
  readonly tail: (repeated: readonly LogEntry[]) => readonly LogEntry[];
  /** Before the first write after a start, and at any time, peers are asked for the length of the own log. */
  readonly asksPeers: boolean;
}

export const PRODUCTION: Seams = {
  fold: foldFact,
  nextHlc,
  findOperation,
  holds: (store) => store.heldVector(),
  observe(last, foreign) {
    if (foreign > last) return foreign;
    return last;
  },
  view: (state) => state,
  audit: (records) => records,
  foreign: (target) => target,
  blocksOf: (blocks) => blocks,
  follows: () => true,
  asksForObjects: true,
  isWanted: (id, store) => store.lacks().has(id),
  confirmsBeforeCommit: false,
  answersBeforeSync: false,
  keptAtPowerLoss: 0,
  detectsCopies: true,
  asksPeers: true,
  repeatsTail: true,
  tail: (repeated) => repeated,
};
