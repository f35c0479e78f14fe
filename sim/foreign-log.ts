/** Takes blocks of foreign logs into a simulated store by the rule of production, inside the transaction. It adds nothing to that rule. */
import type { IncarnationId } from '../src/core/ids.ts';
import type { StateView } from '../src/core/state.ts';
import { appendForeign, type ForeignAppend, type ForeignTarget } from '../src/store/foreign-entries.ts';
import type { Seams } from './seams.ts';
import type { Store } from './store.ts';

export function takeForeign(
  { foreign, blocksOf }: Seams,
  store: Store,
  incarnationId: IncarnationId,
  afterSeq: number,
  blocks: readonly Uint8Array[],
  nowMs: number,
): ForeignAppend {
  const target = foreign(targetOf(store, incarnationId), afterSeq);
  const taken = appendForeign(target, incarnationId, afterSeq, blocksOf(blocks), nowMs);
  store.noteErased(taken.letGo);
  return { ...taken, length: store.logLength(incarnationId) };
}

function targetOf(store: Store, incarnationId: IncarnationId): ForeignTarget {
  return {
    state: withLife(store.state, incarnationId),
    missing: store.missing,
    logLength: (id) => store.logLength(id),
    logStamp: (id) => store.logStamp(id),
    readLog: (id, afterSeq, limit) => store.readLog(id, afterSeq, limit),
    appendForeignEntry: (id, entry, bytes) => store.appendForeignEntry(id, entry, bytes),
    eraseObject: (id) => store.eraseObject(id),
  };
}

/** A new life that was greeted is taken at its word: its first entry says whose it is. */
function withLife(state: StateView, incarnationId: IncarnationId): StateView {
  if (state.get('incarnation', incarnationId)?.createdStamp != null) return state;
  return {
    get: (table, id) =>
      table === 'incarnation' && id === incarnationId
        ? ({ id, stamps: '{}', createdStamp: 'greeted' } as unknown as ReturnType<typeof state.get<typeof table>>)
        : state.get(table, id),
    scan: (table, index, scan) => state.scan(table, index, scan),
    count: (table, index, scan) => state.count(table, index, scan),
    page: (table, afterId, limit) => state.page(table, afterId, limit),
    heldByPeers: (id) => state.heldByPeers(id),
  };
}
