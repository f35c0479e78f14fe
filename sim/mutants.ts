/** Faults of the code itself, one at a time, by which the simulated world proves that it finds them. Each replaces a seam of `sim/`; production has no switch for any. */
import type { Fact } from '../src/core/facts.ts';
import { foldFact } from '../src/core/fold.ts';
import { refuse } from '../src/core/refusal.ts';
import { hlc, hlcMs, type Stamp } from '../src/core/stamp.ts';
import type { FoldTarget, StateView } from '../src/core/state.ts';
import type { AnyRow } from '../src/core/tables.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import { type Operation, ROLES } from '../src/operations/operation.ts';
import type { ForeignTarget } from '../src/store/foreign-entries.ts';
import type { Seams } from './seams.ts';
import type { Invariant } from './violation.ts';

export interface Mutant {
  readonly name: string;
  /** What it breaks; one of these has to be found broken. */
  readonly breaks: readonly Invariant[];
  readonly seams: Partial<Seams>;
}

/** The fold sees rows as this says. */
function foldSeeing(see: (row: AnyRow, fact: Fact) => AnyRow): Seams['fold'] {
  return (target, fact, stamp) => {
    const seen: FoldTarget = {
      getRow: (table, id) => {
        const row = target.getRow(table, id);
        return row === undefined ? undefined : see(row, fact);
      },
      putRow: (table, row) => target.putRow(table, row),
    };
    foldFact(seen, fact, stamp);
  };
}
function foldWithout(events: readonly string[]): Seams['fold'] {
  return (target, fact, stamp) => {
    if (!('event' in fact && events.includes(fact.event))) foldFact(target, fact, stamp);
  };
}
/** One operation of the catalogue is another one. */
function changed(name: string, change: (operation: Operation) => Operation): Seams['findOperation'] {
  return (wanted) => {
    const found = findOperation(wanted);
    return found !== undefined && wanted === name ? change(found) : found;
  };
}
/** Decisions see the rows of one table as this says. */
function viewOf(see: (table: string, row: AnyRow) => AnyRow): Seams['view'] {
  return (state) =>
    ({
      get: (table, id) => {
        const row = state.get(table, id);
        return row === undefined ? undefined : see(table, row as unknown as AnyRow);
      },
      scan: (table, index, scan) =>
        state.scan(table, index, scan).map((row) => see(table, row as unknown as AnyRow)),
      count: (table, index, scan) => state.count(table, index, scan),
      page: (table, afterId, limit) => state.page(table, afterId, limit),
      heldByPeers: (incarnationId) => state.heldByPeers(incarnationId),
      logLength: (incarnationId) => state.logLength(incarnationId),
    }) as StateView;
}

const NO_INCARNATION = '0'.repeat(16);
const FEW = 4;

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'of equal clock readings the one that arrives last wins',
    breaks: [6],
    seams: {
      fold: (target, fact, stamp) =>
        foldFact(target, fact, `${stamp.slice(0, 16)}${NO_INCARNATION}` as Stamp),
    },
  },
  {
    name: 'a field has what arrives last, whatever its stamp',
    breaks: [6],
    seams: { fold: foldSeeing((row, fact) => ('set' in fact ? { ...row, stamps: '{}' } : row)) },
  },
  {
    name: 'the last event wins instead of the first',
    breaks: [6],
    seams: {
      fold: foldSeeing((row, fact) => ('event' in fact ? { ...row, [`${fact.event}Stamp`]: null } : row)),
    },
  },
  {
    name: 'answers before the sync',
    breaks: [1],
    seams: { answersBeforeSync: true },
  },
  {
    name: 'half of a torn transaction stays',
    breaks: [1, 6, 'assertion'],
    seams: { keptAtPowerLoss: 4 },
  },
  {
    name: 'a key is handed out before a backup of it was fetched',
    breaks: [2],
    seams: {
      view: viewOf((table, row) =>
        table === 'backup' && row['downloadedStamp'] === null
          ? { ...row, downloadedStamp: row['completedStamp'] ?? null }
          : row,
      ),
    },
  },
  {
    name: 'keys count as held whose sealed objects have not come',
    breaks: [2],
    seams: { holds: (store) => store.vector() },
  },
  {
    name: 'a peer confirms what it has not committed',
    breaks: [2],
    seams: { confirmsBeforeCommit: true },
  },
  {
    name: 'a store that is put back goes on where it was',
    breaks: [3, 6],
    seams: { detectsCopies: false, asksPeers: false },
  },
  {
    name: 'the end of a log that others have another end of stays where it is',
    breaks: [1, 6, 'convergence'],
    seams: { repeatsTail: false },
  },
  {
    name: 'the end of a log that others have another end of is thrown away',
    breaks: [1],
    seams: { tail: () => [] },
  },
  {
    name: 'peers are not asked for the own log',
    breaks: [3, 6],
    seams: { asksPeers: false },
  },
  {
    name: 'the destruction of a key is forgotten',
    breaks: [4],
    seams: { fold: foldWithout(['destroyed']) },
  },
  {
    name: 'a sealed object that comes is stored, whatever has become of its key',
    breaks: [4],
    seams: { isWanted: () => true },
  },
  {
    name: 'a destruction elsewhere erases nothing here',
    breaks: [4, 9],
    seams: { foreign: (target) => ({ ...target, eraseObject: () => false }) },
  },
  {
    name: 'hand-outs are not recorded in their transaction',
    breaks: [5],
    seams: { audit: () => [] },
  },
  {
    name: 'a block that comes twice is folded twice',
    breaks: [6],
    seams: { foreign: takingAll },
  },
  {
    name: 'a block in the middle of a batch is lost',
    breaks: [6],
    seams: {
      blocksOf: (blocks) => blocks.filter((_, place) => blocks.length < FEW || place !== 1),
    },
  },
  {
    name: 'one log in four is followed by nobody',
    breaks: ['convergence'],
    seams: { follows: (incarnationId) => !/[048C]$/.test(incarnationId) },
  },
  {
    name: 'sealed objects that are missing are asked for nowhere',
    breaks: ['convergence'],
    seams: { asksForObjects: false },
  },
  {
    name: 'how much there is of the logs of removed members is never said',
    breaks: ['convergence'],
    seams: { findOperation: changed('CloseLogs', nothingDone) },
  },
  {
    name: 'nobody can be deleted from the cluster',
    breaks: ['convergence'],
    seams: {
      findOperation: changed('DeleteKma', (operation) => ({
        ...operation,
        decide: () => refuse('MANAGER_INTERNAL'),
      })),
    },
  },
  {
    name: 'any role may delete users',
    breaks: [8],
    seams: { findOperation: changed('DeleteUser', (operation) => ({ ...operation, callers: ROLES })) },
  },
  {
    name: 'a quorum is not asked for',
    breaks: [8],
    seams: { findOperation: changed('ModifyUser', (operation) => ({ ...operation, quorum: false })) },
  },
  {
    name: 'each approval counts as that of another credential',
    breaks: [8],
    seams: {
      view: viewOf((table, row) =>
        table === 'pending_approval' ? { ...row, credentialName: `${row['credentialName']} ${row.id}` } : row,
      ),
    },
  },
  {
    name: 'tombstones and revocations are forgotten',
    breaks: [8],
    seams: { fold: foldWithout(['removed', 'revoked']) },
  },
  {
    name: 'one KMA confirms erasures for all',
    breaks: [9],
    seams: { findOperation: changed('ConfirmErasures', confirmedForAll) },
  },
  {
    name: 'foreign stamps do not move the own clock',
    breaks: [10],
    seams: { observe: (last) => last },
  },
  {
    name: 'the counter of the clock wraps',
    breaks: [10],
    seams: {
      nextHlc: (last, nowMs) => {
        if (nowMs > hlcMs(last)) return hlc(nowMs, 0);
        return hlc(hlcMs(last), (Number.parseInt(last.slice(12), 16) + 1) % FEW);
      },
    },
  },
];

/** Whatever is there of the log already counts as not there. */
function takingAll(target: ForeignTarget, afterSeq: number): ForeignTarget {
  let taken = 0;
  return {
    ...target,
    logLength: () => afterSeq + taken,
    logStamp: () => '',
    appendForeignEntry: (id, entry, bytes) => {
      taken += 1;
      return target.appendForeignEntry(id, entry, bytes);
    },
  };
}

function nothingDone(operation: Operation): Operation {
  return { ...operation, decide: () => ({ facts: [], output: null }) };
}

function confirmedForAll(operation: Operation): Operation {
  return {
    ...operation,
    decide(input, context, prepared) {
      const lives = context.state.page('incarnation', '', 1000);
      const decided = lives.map(({ id }) =>
        operation.decide?.(
          input,
          { ...context, self: { ...context.self, incarnationId: id as typeof context.self.incarnationId } },
          prepared,
        ),
      );
      const facts = decided.flatMap((one) => (one !== undefined && 'facts' in one ? one.facts : []));
      return { facts, output: null };
    },
  };
}
