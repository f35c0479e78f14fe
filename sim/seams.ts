/** What of the simulated world a mutant replaces; whatever is not replaced is what production runs. It is known to `sim/` alone. */
import { foldFact } from '../src/core/fold.ts';
import { type Hlc, nextHlc } from '../src/core/stamp.ts';
import type { StateView } from '../src/core/state.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import { heldVector } from './contracts.ts';
import type { AuditRow } from './store.ts';

export interface Seams {
  readonly fold: typeof foldFact;
  readonly nextHlc: typeof nextHlc;
  readonly findOperation: typeof findOperation;
  readonly heldVector: typeof heldVector;
  /** The later of the clock's last reading and a foreign stamp. */
  readonly observe: (last: Hlc, foreign: Hlc) => Hlc;
  /** What decisions read. */
  readonly view: (state: StateView) => StateView;
  /** The records that are written in the transaction of an operation. */
  readonly audit: (records: readonly AuditRow[]) => readonly AuditRow[];
  /** Of foreign blocks those that are not in the store yet. */
  readonly unknown: (blocks: readonly Uint8Array[], known: number) => readonly Uint8Array[];
  /** Whether a sealed object that comes is stored. */
  readonly isWanted: (id: string, missing: ReadonlySet<string>) => boolean;
  /** Whether the store forgets what the fold lets go of. */
  readonly letsGo: boolean;
  readonly answersBeforeSync: boolean;
  /** Changes that stay when the power goes before the sync. */
  readonly keptAtPowerLoss: number;
  /** An older state of the disk begins a new life. */
  readonly detectsCopies: boolean;
  /** Before the first write after a start, and at any time, peers are asked for the length of the own log. */
  readonly asksPeers: boolean;
}

export const PRODUCTION: Seams = {
  fold: foldFact,
  nextHlc,
  findOperation,
  heldVector,
  observe: (last, foreign) => (foreign > last ? foreign : last),
  view: (state) => state,
  audit: (records) => records,
  unknown: (blocks, known) => blocks.slice(Math.max(0, known)),
  isWanted: (id, missing) => missing.has(id),
  letsGo: true,
  answersBeforeSync: false,
  keptAtPowerLoss: 0,
  detectsCopies: true,
  asksPeers: true,
};
