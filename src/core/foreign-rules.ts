/** What a log may say that is not its own: facts by which one member would speak for another. It judges no form; that has been done. */
import type { EventFact, Fact } from './facts.ts';
import { slotOf } from './kma-performance.ts';
import { kmaOfLife } from './life.ts';
import { repeatedThrough } from './repeated-tail.ts';
import type { Row } from './tables.ts';

/** Where the fact stands. */
export interface Place {
  readonly incarnationId: string;
  readonly seq: number;
  /** The row of the log's life, as it is known here. */
  readonly life: Row<'incarnation'> | undefined;
}

/** The events of which only the life itself can tell, and the column that names it. */
const OWN: Readonly<Record<string, string>> = {
  'key created': 'incarnationId',
  'object_erasure created': 'incarnationId',
  'log_end created': 'byIncarnationId',
};

/** What is wrong with the facts of one entry, or null. */
export function trespass(facts: readonly Fact[], place: Place): string | null {
  for (const fact of facts) {
    const wrong =
      rowTrespass(fact, place) ??
      hourTrespass(fact, place) ??
      headTrespass(fact, place) ??
      ('event' in fact ? eventTrespass(fact, place) : null);
    if (wrong !== null) return wrong;
  }
  return place.seq === 1 && !facts.some((fact) => isBirth(fact, place))
    ? 'a log begins with the life that writes it, as it was admitted'
    : null;
}

/** Root key material is encrypted to a member key; and what a life says again of the end of a log is in its own row. */
function rowTrespass(fact: Fact, { incarnationId }: Place): string | null {
  const { table, id } = fact;
  if (table === 'member_key' && id !== incarnationId) return 'the member key of another life';
  if (table === 'log_end' && 'set' in fact && !id.endsWith(`:${incarnationId}`))
    return 'log_end in the name of another life';
  return null;
}

/** What a KMA has served it tells itself, each hour in the place of that hour: so it has no more rows than a month has hours. */
function hourTrespass(fact: Fact, { life }: Place): string | null {
  if (fact.table !== 'kma_hour') return null;
  const kmaId = life === undefined ? null : kmaOfLife(life);
  const hour = 'set' in fact ? fact.set['hour'] : null;
  const isAnHour = typeof hour === 'number' && Number.isSafeInteger(hour) && hour >= 0;
  return kmaId !== null && isAnHour && fact.id === slotOf(kmaId, hour)
    ? null
    : 'hours of another KMA, or in another place';
}

/**
 * A life signs the heads of its own audit; but earlier versions, when they said the end of a log again, said the heads of the life
 * before again too. Whose a head is its signature says. Where audit chains were cut (`audit_cut`) is told of earlier lives too, and whose
 * those are may not be known here yet, so nothing can be refused that all members would refuse alike: nothing is cut or
 * believed by that fact.
 */
function headTrespass({ table, id }: Fact, { incarnationId, seq, life }: Place): string | null {
  if (table !== 'audit_head' || id.startsWith(`${incarnationId}:`) || seq <= repeatedThrough(life))
    return null;
  return 'the head of the audit of another life';
}

function eventTrespass(fact: EventFact, { incarnationId, seq }: Place): string | null {
  const { table, id, event, cells } = fact;
  const name = `${table} ${event}`;
  const column = OWN[name];
  if (column !== undefined && cells[column] !== incarnationId) return `${name} in the name of another life`;
  if (name === 'key created' && cells['madeSeq'] !== seq) return 'a key made elsewhere in the log';
  if (name === 'object_erasure created' && id !== `${cells['objectId']}:${incarnationId}`)
    return `${name} under another name`;
  if (name === 'log_end created' && id !== `${cells['incarnationId']}:${incarnationId}`)
    return `${name} under another name`;
  if (name === 'incarnation created' && (id !== incarnationId || seq !== 1))
    return 'the beginning of a life at another place than the beginning of its log';
  return null;
}

/** Who admitted the life knew its KMA and its keys. */
function isBirth(fact: Fact, { incarnationId, life }: Place): boolean {
  if (!('event' in fact) || fact.table !== 'incarnation' || fact.event !== 'created') return false;
  const { cells, id } = fact;
  return (
    id === incarnationId &&
    life?.admittedStamp != null &&
    cells['kmaId'] === life.admittedKmaId &&
    cells['logPublicKey'] === life.admittedLogPublicKey &&
    cells['replicationPublicKey'] === life.admittedReplicationKey
  );
}
