/** Takes entries of other KMAs' logs into the store, each whole or not at all, and says what they name, let go of and changed. It asks nobody for objects. */
import type { LogEntry } from '../core/facts.ts';
import type { IncarnationId, ObjectId } from '../core/ids.ts';
import { keptSplitObjects } from '../core/key-split-standing.ts';
import { logLimit } from '../core/log-end.ts';
import { type NamedObject, objectChanges, type RowChange } from '../core/named-objects.ts';
import { readSetting } from '../core/settings.ts';
import type { Stamp } from '../core/stamp.ts';
import type { StateView } from '../core/state.ts';
import { type EntriesRead, type Expected, isStall, readForeignEntry, type Stall } from './foreign-entry.ts';

/** What of a store it needs; the simulated world has another one. */
export interface ForeignTarget {
  readonly state: StateView;
  readonly missing: { note(state: StateView, named: readonly NamedObject[], nowMs: number): void };
  logLength(incarnationId: string): number;
  logStamp(incarnationId: string): string;
  readLog(incarnationId: string, afterSeq: number, limit: number): readonly Uint8Array[];
  appendForeignEntry(incarnationId: IncarnationId, entry: LogEntry, bytes: Uint8Array): readonly RowChange[];
  hasObject(id: string): boolean;
  eraseObject(id: string): boolean;
  /** Null where it threw, and then nothing was changed. */
  attempt<T>(work: () => T): T | null;
}

export interface ForeignAppend {
  /** Of the log, as it is folded now. */
  readonly length: number;
  /** Of the last entry that was folded here; null where there was none. */
  readonly stamp: Stamp | null;
  /** Those that were folded here, in order. */
  readonly entries: readonly LogEntry[];
  readonly changes: readonly RowChange[];
  /** Erased, where they were here. */
  readonly letGo: readonly ObjectId[];
  readonly stalled: Stall | null;
}

/** Agents wait for the commit: what is left of a batch is for the next one. A hundred keys take some milliseconds. */
const FACTS_AT_ONCE = 100;

/** Inside a transaction. Entries before one that cannot be taken count; what is known already is skipped. */
export function appendForeign(
  store: ForeignTarget,
  incarnationId: IncarnationId,
  afterSeq: number,
  blocks: readonly Uint8Array[],
  nowMs: number,
  read?: EntriesRead,
): ForeignAppend {
  const changes: RowChange[] = [];
  const letGo: ObjectId[] = [];
  const entries: LogEntry[] = [];
  let stamp: Stamp | null = null;
  let facts = 0;
  const result = (stalled: Stall | null): ForeignAppend => ({
    length: store.logLength(incarnationId),
    stamp,
    entries,
    changes,
    letGo,
    stalled,
  });

  const start = startStall(store, incarnationId, afterSeq, blocks);
  if (start !== null) return result(start);
  const known = store.logLength(incarnationId) - afterSeq;
  for (const [index, bytes] of blocks.slice(known).entries()) {
    if (facts >= FACTS_AT_ONCE) break;
    const seq = afterSeq + known + index + 1;
    const closed = closedStall(store, incarnationId, seq);
    if (closed !== null) return result(closed);
    const expected: Expected = {
      incarnationId,
      seq,
      life: store.state.get('incarnation', incarnationId),
      lastStamp: store.logStamp(incarnationId),
      nowMs,
      acceptedMs: readSetting(store.state, 'acceptedLogClockMs'),
    };
    const entry = readForeignEntry(bytes, expected, read);
    if (isStall(entry)) return result({ ...entry, detail: `entry ${seq}: ${entry.detail}` });
    const folded = store.attempt(() => fold(store, incarnationId, entry, bytes, nowMs));
    if (folded === null)
      return result({ code: 'unfoldable', detail: `entry ${seq} cannot be folded, though it looks sound` });
    changes.push(...folded.changes);
    letGo.push(...folded.letGo);
    facts += entry.facts.length;
    entries.push(entry);
    stamp = entry.stamp;
  }
  return result(null);
}

function fold(
  store: ForeignTarget,
  incarnationId: IncarnationId,
  entry: LogEntry,
  bytes: Uint8Array,
  nowMs: number,
): Pick<ForeignAppend, 'changes' | 'letGo'> {
  const changes = store.appendForeignEntry(incarnationId, entry, bytes);
  const { named, letGo: over } = objectChanges(store.state, changes);
  const isSplit = changes.some(({ table }) => table === 'key_split');
  const kept = isSplit ? keptSplitObjects(store.state, (id) => store.hasObject(id)) : [];
  const letGo = over.filter((id) => !kept.includes(id));
  store.missing.note(store.state, named, nowMs);
  for (const id of letGo) store.eraseObject(id);
  return { changes, letGo };
}

/** Whether the batch fits what is here of the log. */
function startStall(
  store: ForeignTarget,
  incarnationId: IncarnationId,
  afterSeq: number,
  blocks: readonly Uint8Array[],
): Stall | null {
  const length = store.logLength(incarnationId);
  const life = store.state.get('incarnation', incarnationId);
  if (life?.createdStamp == null && life?.admittedStamp == null)
    return { code: 'unknown', detail: 'no member is known to have this log' };
  if (afterSeq > length) return { code: 'gap', detail: `entries after ${afterSeq}, and ${length} are here` };
  const here = store.readLog(incarnationId, afterSeq, Math.min(blocks.length, length - afterSeq));
  const other = here.findIndex((bytes, index) => Buffer.compare(bytes, blocks[index] ?? bytes) !== 0);
  if (other < 0) return null;
  const after = afterSeq + other;
  return { code: 'forked', detail: `entry ${after + 1} is another one here`, after };
}

function closedStall(store: ForeignTarget, incarnationId: IncarnationId, seq: number): Stall | null {
  const limit = logLimit(store.state, incarnationId, store.logLength(incarnationId));
  if (limit === null || seq <= limit) return null;
  return { code: 'closed', detail: `the log of a removed member ends at ${limit}` };
}
