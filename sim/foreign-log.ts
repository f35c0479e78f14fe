/** Takes blocks of foreign logs into a simulated store by the rule of production, inside the transaction. It adds nothing to that rule. */
import type { IncarnationId } from '../src/core/ids.ts';
import { appendForeign, type ForeignAppend, type ForeignTarget } from '../src/store/foreign-entries.ts';
import type { EntriesRead } from '../src/store/foreign-entry.ts';
import type { Seams } from './seams.ts';
import type { Store } from './store.ts';
import { readableBefore } from './version-back.ts';

/** The same block comes to every machine. */
const read: EntriesRead = new WeakMap();

export function takeForeign(
  { foreign, blocksOf }: Seams,
  store: Store,
  incarnationId: IncarnationId,
  afterSeq: number,
  blocks: readonly Uint8Array[],
  nowMs: number,
  versionBack: boolean,
): ForeignAppend {
  const target = foreign(targetOf(store), afterSeq);
  const readable = versionBack ? readableBefore(blocks) : { blocks, stalled: null };
  const taken = appendForeign(target, incarnationId, afterSeq, blocksOf(readable.blocks), nowMs, read);
  store.noteErased(taken.letGo);
  return { ...taken, length: store.logLength(incarnationId), stalled: taken.stalled ?? readable.stalled };
}

function targetOf(store: Store): ForeignTarget {
  return {
    state: store.state,
    missing: store.missing,
    logLength: (id) => store.logLength(id),
    logStamp: (id) => store.logStamp(id),
    readLog: (id, afterSeq, limit) => store.readLog(id, afterSeq, limit),
    appendForeignEntry: (id, entry, bytes) => store.appendForeignEntry(id, entry, bytes),
    hasObject: (id) => store.hasObject(id),
    eraseObject: (id) => store.eraseObject(id),
    // What throws here is a broken invariant, and ends the world.
    attempt: (work) => work(),
  };
}
