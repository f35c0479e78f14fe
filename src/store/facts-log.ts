/** The logs of all incarnations and how far each is folded; bytes once written are never serialised again (D2). */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Fact, LogEntry } from '../core/facts.ts';
import { foldEntry } from '../core/fold.ts';
import type { IncarnationId } from '../core/ids.ts';
import { ENTRY_BYTES_MAX, FACTS_MAX } from '../core/log-bounds.ts';
import type { RowChange } from '../core/named-objects.ts';
import { HLC_ZERO, type Hlc } from '../core/stamp.ts';
import type { VersionVector } from '../core/version-vector.ts';
import { OpenKmaError } from '../errors.ts';
import { FoldBuffer } from './fold-buffer.ts';
import { BOUND_LIMIT } from './schema.ts';
import type { SqliteState } from './sqlite-state.ts';

interface Folded {
  readonly length: number;
  readonly stamp: string;
}
const NOTHING_FOLDED: Folded = { length: 0, stamp: '' };

export class FactsLog {
  readonly #database: DatabaseSync;
  readonly #state: SqliteState;
  readonly #insert: StatementSync;
  readonly #advance: StatementSync;
  readonly #foldedOne: StatementSync;
  readonly #foldedAll: StatementSync;
  readonly #read: StatementSync;
  /** What the open transaction and those before it have written; forgotten when one is rolled back. */
  readonly #known = new Map<string, Folded>();

  constructor(database: DatabaseSync, state: SqliteState) {
    this.#database = database;
    this.#state = state;
    this.#insert = database.prepare('INSERT INTO log (incarnation, seq, stamp, bytes) VALUES (?, ?, ?, ?)');
    this.#advance = database.prepare('REPLACE INTO folded (incarnation, length, stamp) VALUES (?, ?, ?)');
    this.#foldedOne = database.prepare('SELECT length, stamp FROM folded WHERE incarnation = ?');
    this.#foldedAll = database.prepare('SELECT incarnation, length, stamp FROM folded ORDER BY incarnation');
    this.#read = database.prepare(
      `SELECT bytes FROM log WHERE incarnation = ? AND seq > ? ORDER BY seq ${BOUND_LIMIT}`,
    );
  }

  /** Stores the entry, folds it and advances the vector; the transaction of the caller makes the three one. */
  append(incarnationId: IncarnationId, entry: LogEntry): number {
    const bytes = Buffer.from(JSON.stringify(entry));
    if (bytes.length > ENTRY_BYTES_MAX || entry.facts.length > FACTS_MAX)
      throw new OpenKmaError('INVALID_PARAMETERS', 'too much to change at once');
    this.#append(incarnationId, entry, bytes);
    return this.length(incarnationId);
  }
  /** As above, of an entry that another KMA has serialised; gives the rows that it changed. */
  appendForeign(incarnationId: IncarnationId, entry: LogEntry, bytes: Uint8Array): readonly RowChange[] {
    return this.#append(incarnationId, entry, bytes);
  }

  #append(incarnationId: IncarnationId, entry: LogEntry, bytes: Uint8Array): readonly RowChange[] {
    if (!this.#database.isTransaction) throw new Error('entries are appended inside a transaction only');
    const folded = this.#folded(incarnationId);
    const seq = folded.length + 1;
    const stamp = later(entry.stamp, folded.stamp);
    this.#insert.run(incarnationId, seq, entry.stamp, bytes);
    const buffer = new FoldBuffer(this.#state);
    foldEntry(buffer, entry);
    const changes = buffer.flush();
    this.#advance.run(incarnationId, seq, stamp);
    this.#known.set(incarnationId, { length: seq, stamp });
    return changes;
  }

  /**
   * Takes the end of a log out again, as if it had never been folded, and gives it: the rows that it touched are folded
   * anew from all that is left. Reads all logs; the transaction of the caller makes it one.
   */
  takeBack(incarnationId: IncarnationId, afterSeq: number): readonly LogEntry[] {
    const taken = this.read(incarnationId, afterSeq, Number.MAX_SAFE_INTEGER).map(entryOf);
    const touched = new Map<string, Fact>();
    for (const { facts } of taken) for (const fact of facts) touched.set(rowName(fact), fact);
    this.#database.prepare('DELETE FROM log WHERE incarnation = ? AND seq > ?').run(incarnationId, afterSeq);
    this.#database.prepare('DELETE FROM folded WHERE incarnation = ?').run(incarnationId);
    const left = this.#database
      .prepare('SELECT max(seq) AS seq, max(stamp) AS stamp FROM log WHERE incarnation = ?')
      .get(incarnationId);
    if (typeof left?.['seq'] === 'number') this.#advance.run(incarnationId, left['seq'], left['stamp'] ?? '');
    this.forget();
    for (const { table, id } of touched.values()) this.#state.dropRow(table, id);
    const buffer = new FoldBuffer(this.#state);
    for (const { bytes } of this.#database.prepare('SELECT bytes FROM log').iterate()) {
      const entry = entryOf(bytes as Uint8Array);
      const facts = entry.facts.filter((fact) => touched.has(rowName(fact)));
      if (facts.length > 0) foldEntry(buffer, { ...entry, facts });
    }
    buffer.flush();
    return taken;
  }

  length(incarnationId: string): number {
    return this.#folded(incarnationId).length;
  }
  /** The greatest of the log's entries; "" where there is none. */
  stamp(incarnationId: string): string {
    return this.#folded(incarnationId).stamp;
  }
  /** The exact bytes of entries after `afterSeq`. */
  read(incarnationId: string, afterSeq: number, limit: number): readonly Uint8Array[] {
    return this.#read.all(incarnationId, afterSeq, limit).map((row) => row['bytes'] as Uint8Array);
  }
  vector(): VersionVector {
    return Object.fromEntries(this.#foldedAll.all().map((row) => [row['incarnation'], row['length']]));
  }
  /** The greatest clock reading of any entry stored, own or foreign. */
  lastStamp(): Hlc {
    const stamps = this.#foldedAll.all().map((row) => String(row['stamp']).slice(0, HLC_ZERO.length) as Hlc);
    return stamps.reduce(later, HLC_ZERO);
  }
  /** To be called after a rollback. */
  forget(): void {
    this.#known.clear();
  }

  #folded(incarnationId: string): Folded {
    // A reader must see what others commit, so only a writer remembers.
    const known = this.#known.get(incarnationId);
    if (known !== undefined) return known;
    return (this.#foldedOne.get(incarnationId) as Folded | undefined) ?? NOTHING_FOLDED;
  }
}

/** What was judged when it was written or came. */
function entryOf(bytes: Uint8Array): LogEntry {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as LogEntry;
}

function rowName({ table, id }: Fact): string {
  return `${table} ${id}`;
}

function later<S extends string>(a: S, b: S): S {
  return [a, b].sort()[1] ?? a;
}
