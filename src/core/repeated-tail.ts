/** The end of a log that others have in another form, said again in the log of the life that follows. What says it again never speaks for the life before, and makes no key that may be handed out as new. */
import type { Fact, LogEntry } from './facts.ts';
import type { IncarnationId } from './ids.ts';
import { HLC_ZERO, type Hlc, nextHlc, type Stamp, stampOf } from './stamp.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';
import type { VersionVector } from './version-vector.ts';

/** In the log that repeats them, entry 1 is its beginning. */
const FIRST_SEQ = 2;

/** Of which only a life itself can tell, and the one that follows tells it anew (core/foreign-rules.ts). */
const OF_ITS_LIFE: ReadonlySet<string> = new Set(['object_erasure created', 'log_end created']);

/**
 * Right behind the beginning of the life before: so that what is repeated can follow with the clock readings that it had, and
 * wins over nothing that came later elsewhere, and the lives of a KMA still are in their order.
 */
export function beginningAfter(before: Stamp): Hlc {
  return nextHlc(clockOf(before), 0);
}

/** In the order in which they were written; those that say nothing any more are left out. */
export function repeatTail(
  tail: readonly LogEntry[],
  before: IncarnationId,
  life: IncarnationId,
  beginning: Hlc,
): readonly LogEntry[] {
  const repeated: LogEntry[] = [];
  let clock = beginning;
  for (const entry of tail) {
    const seq = FIRST_SEQ + repeated.length;
    const facts = entry.facts.flatMap((fact) => repeatedFact(fact, before, life, seq));
    if (facts.length === 0) continue;
    clock = nextHlc(clock, 0);
    if (clockOf(entry.stamp) > clock) clock = clockOf(entry.stamp);
    repeated.push({ ...entry, stamp: stampOf(clock, life), facts });
  }
  return repeated;
}

function repeatedFact(fact: Fact, before: string, life: IncarnationId, seq: number): readonly Fact[] {
  const { table, id } = fact;
  if (table === 'member_key' || isOfItsAudit(fact, before)) return [];
  if (!('event' in fact)) return table === 'log_end' ? [] : [fact];
  const name = `${table} ${fact.event}`;
  if (OF_ITS_LIFE.has(name) || (name === 'incarnation created' && id === before)) return [];
  if (name !== 'key created' || fact.cells['incarnationId'] !== before) return [fact];
  return [{ ...fact, cells: { ...fact.cells, incarnationId: life, madeSeq: seq } }];
}

/** Others have the audit of that life as its log had it, and so the heads and cuts that it tells of are the ones there. */
function isOfItsAudit({ table, id }: Fact, before: string): boolean {
  return (table === 'audit_head' || table === 'audit_cut') && id.startsWith(`${before}:`);
}

/** What a life begins with says of itself how much of its log repeats that of another; 0 of nearly all. */
export function repeatedThrough(life: Row<'incarnation'> | undefined): number {
  if (life?.baseVectorJson?.includes(life.id) !== true) return 0;
  return (JSON.parse(life.baseVectorJson) as VersionVector)[life.id] ?? 0;
}

/**
 * Whoever has put the machine back once may have done so twice: of a key that was waiting in the pool then nobody knows
 * whether it was handed out.
 */
export function isRepeatedKey(
  state: Pick<StateView, 'get'>,
  { incarnationId, madeSeq }: Pick<Row<'key'>, 'incarnationId' | 'madeSeq'>,
): boolean {
  if (incarnationId === null || madeSeq === null) return false;
  return madeSeq <= repeatedThrough(state.get('incarnation', incarnationId));
}

function clockOf(stamp: Stamp): Hlc {
  return stamp.slice(0, HLC_ZERO.length) as Hlc;
}
