/** Judges the bytes of one entry of another KMA's log before anything of it is believed: form, tables, columns, cells, stamp. It folds nothing. */
import { z } from 'zod';
import { isAcceptableStamp } from '../core/clock-guard.ts';
import type { EventFact, Fact, LogEntry, SetFact } from '../core/facts.ts';
import { type Place, trespass } from '../core/foreign-rules.ts';
import { ENTRY_BYTES_MAX, FACTS_MAX, ID_CHARACTERS_MAX, isSoundText } from '../core/log-bounds.ts';
import { hlcMs, type Stamp } from '../core/stamp.ts';
import type { Cell } from '../core/table.ts';
import { TABLES, type TableName, tableOf } from '../core/tables.ts';

/** Why no more of a log is taken. It stays so until something changes: the software, the clock, the members. */
export interface Stall {
  readonly code:
    | 'gap'
    | 'unknown'
    | 'closed'
    | 'forked'
    | 'damaged'
    | 'hostile'
    | 'newer'
    | 'clock'
    | 'unfoldable';
  readonly detail: string;
  /** Of a log that is forked: up to where it is the same here. */
  readonly after?: number;
}

const INCARNATION_CHARACTERS = 16;

const stamp = z.string().regex(/^[0-9A-F]{32}$/);
const word = z.string().min(1).max(64);
const text = z.string().refine(isSoundText, 'not well-formed');
const cells = z.record(word, z.union([text, z.int(), z.null()]));
const about = { table: word, id: text.min(1).max(ID_CHARACTERS_MAX) };
/** Most are events. */
const fact = z.union([
  z.strictObject({ ...about, event: word, cells }),
  z.strictObject({ ...about, set: cells }),
]);
const logEntry = z.strictObject({
  v: z.literal(1),
  stamp,
  operation: word,
  facts: z.array(fact).max(FACTS_MAX),
});
/** A later version may look quite different, but says so. */
const version = z.looseObject({ v: z.int().min(2) });

/** What an entry is judged by besides its bytes. */
export interface Expected extends Place {
  /** Of the entry before it in the log; "" before the first. */
  readonly lastStamp: string;
  readonly nowMs: number;
  /** Up to which time a quorum has accepted records; 0 if none has. */
  readonly acceptedMs: number;
}

/** An entry whose form is sound. */
export interface ReadEntry {
  readonly entry: LogEntry;
  /** What of its facts is not known here or not sound. */
  readonly factsStall: Stall | null;
}

/** For who takes the same bytes into several stores: what they say by themselves. */
export type EntriesRead = WeakMap<Uint8Array, ReadEntry | Stall>;

export function readForeignEntry(
  bytes: Uint8Array,
  expected: Expected,
  known?: EntriesRead,
): LogEntry | Stall {
  const found = known?.get(bytes) ?? readEntry(bytes);
  known?.set(bytes, found);
  if (isStall(found)) return found;
  const { entry, factsStall } = found;
  return stampStall(entry.stamp, expected) ?? factsStall ?? hostileStall(entry, expected) ?? entry;
}

/** Wherever and whenever it is read. */
function readEntry(bytes: Uint8Array): ReadEntry | Stall {
  if (bytes.length > ENTRY_BYTES_MAX) return damaged(`${bytes.length} bytes`);
  const entry = parse(bytes);
  if (entry === null) return damaged('no JSON');
  const read = logEntry.safeParse(entry);
  if (!read.success) {
    if (version.safeParse(entry).success) return newer(`entries of another version`);
    const issue = read.error.issues[0];
    return damaged(`${issue?.path.join('.').slice(0, 64) ?? ''} ${issue?.code ?? ''}`);
  }
  // The schema has seen to what the brand of a stamp stands for.
  const found = read.data as unknown as LogEntry;
  return { entry: found, factsStall: stallOfFacts(found.facts) };
}

export function isStall(read: LogEntry | ReadEntry | Stall): read is Stall {
  return 'code' in read;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return null;
  }
}

/** The text stays the same as time passes: it is told once. */
function stampStall(given: Stamp, { incarnationId, lastStamp, nowMs, acceptedMs }: Expected): Stall | null {
  if (given.slice(-INCARNATION_CHARACTERS) !== incarnationId) return damaged('stamp of another log');
  if (given <= lastStamp) return damaged('stamps do not grow');
  if (isAcceptableStamp(hlcMs(given), nowMs, acceptedMs)) return null;
  const time = new Date(hlcMs(given)).toISOString();
  return {
    code: 'clock',
    detail: `it is of ${time}, which lies ahead: one of the two clocks is odd; once all are right, see "kma clock accept-log"`,
  };
}

function hostileStall({ facts }: LogEntry, place: Place): Stall | null {
  const wrong = trespass(facts, place);
  return wrong === null ? null : { code: 'hostile', detail: wrong };
}

function stallOfFacts(facts: readonly Fact[]): Stall | null {
  for (const given of facts) {
    if (!Object.hasOwn(TABLES, given.table)) return newer(`table ${given.table}`);
    const stall = 'set' in given ? setStall(given) : eventStall(given);
    if (stall !== null) return stall;
  }
  return null;
}

function setStall({ table, set }: SetFact): Stall | null {
  return cellsStall(table, 'lww', set);
}

function eventStall({ table, event, cells: given }: EventFact): Stall | null {
  if (!tableOf(table).events.includes(event)) return newer(`event ${event} of ${table}`);
  return cellsStall(table, event, given);
}

/** A cell that is not known here would be lost to this KMA for ever, so the log waits. */
function cellsStall(
  table: TableName,
  rule: string,
  given: { readonly [column: string]: Cell },
): Stall | null {
  const { columns } = tableOf(table);
  for (const [name, cell] of Object.entries(given)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column?.rule !== rule) return newer(`column ${name} of ${table}`);
    if (cell !== null && typeof cell !== (column.type === 'integer' ? 'number' : 'string'))
      return damaged(`${table}.${name} of the wrong type`);
    if (typeof cell === 'string' && name.endsWith('Json') && !isSoundJson(name, cell))
      return damaged(`${table}.${name} is not what it should be`);
  }
  return null;
}

const lengths = z.record(z.string(), z.int().min(0));

/** Decisions read these without asking, and one that cannot be read would stop them all. */
function isSoundJson(name: string, text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return !name.endsWith('ectorJson') || lengths.safeParse(value).success;
  } catch {
    return false;
  }
}

function damaged(what: string): Stall {
  return { code: 'damaged', detail: `an entry is not sound: ${what}` };
}
function newer(what: string): Stall {
  return { code: 'newer', detail: `needs newer software: ${what}` };
}
