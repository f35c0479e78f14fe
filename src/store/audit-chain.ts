/** Audit records as hash chains, one for each incarnation and retention term: appended at the end, cut from the front, never altered. */
import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ChainName } from '../core/audit.ts';
import type { AuditRecord, RetentionTerm } from '../operations/audit-record.ts';
import { BOUND_LIMIT } from './schema.ts';

/** A record before it has a place in the table. */
export type AuditEntry = Omit<AuditRecord, 'row'>;

/** The last record of a chain; `hash` is upper-case hex. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}
export interface Chain extends ChainName {
  readonly firstSeq: number;
  readonly lastSeq: number;
}
/** A record as it lies in its chain. */
export interface ChainedRecord extends ChainHead {
  readonly record: string;
}
export interface KeptRecord extends ChainedRecord {
  /** It was written here, and has not come from elsewhere. */
  readonly isOwn: boolean;
}
/** One of another KMA, once it was judged. */
export interface CopiedRecord extends ChainedRecord {
  readonly entry: AuditEntry;
}
/** What a term keeps at most: so many records, and none made before this date. */
export interface RetentionLimit {
  readonly records: number;
  readonly oldestMs: number;
  /** A record that is dated later has a date that says nothing: it is as old as the first one behind it that has another. */
  readonly nowMs: number;
}
/** Behind so many dates that say nothing no other one is looked for: agents wait. */
const LATER_MAX = 5_000;

export class AuditChains {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #first: StatementSync;
  readonly #hashAt: StatementSync;
  readonly #delete: StatementSync;
  readonly #front: StatementSync;
  readonly #names: StatementSync;
  readonly #behind: StatementSync;
  readonly #youngWithin: StatementSync;
  readonly #datedBehind: StatementSync;
  readonly #lowest: StatementSync;
  readonly #highest: StatementSync;
  readonly #newest: StatementSync;
  /** Heads which this process has written; forgotten when a transaction is rolled back. */
  readonly #heads = new Map<string, ChainHead>();
  /** There are records of this KMA. */
  #numbered = false;

  constructor(database: DatabaseSync) {
    const chain = 'incarnation = ? AND term = ?';
    this.#database = database;
    this.#insert = database.prepare(
      `INSERT INTO audit (row, incarnation, term, seq, hash, created_at, operation, severity, entity, id, condition, class,
         entity_address, kma_name, message, solution, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#last = database.prepare(`SELECT seq, hash FROM audit WHERE ${chain} ORDER BY seq DESC LIMIT 1`);
    this.#first = database.prepare(`SELECT seq FROM audit WHERE ${chain} ORDER BY seq LIMIT 1`);
    this.#hashAt = database.prepare(`SELECT hash FROM audit WHERE ${chain} AND seq = ?`);
    this.#delete = database.prepare(`DELETE FROM audit WHERE ${chain} AND seq <= ?`);
    this.#front = database.prepare(
      `SELECT seq, created_at FROM audit WHERE ${chain} ORDER BY seq ${BOUND_LIMIT}`,
    );
    this.#behind = database.prepare(
      `SELECT seq, hash, record, row > 0 AS own FROM audit WHERE ${chain} AND seq > ? ORDER BY seq ${BOUND_LIMIT}`,
    );
    this.#youngWithin = database.prepare(
      `SELECT seq FROM audit WHERE ${chain} AND seq > ? AND seq <= ? AND created_at >= ? LIMIT 1`,
    );
    this.#datedBehind = database.prepare(
      `SELECT created_at FROM (SELECT seq, created_at FROM audit WHERE ${chain} AND seq > ? ORDER BY seq ${BOUND_LIMIT})
       WHERE created_at <= ? ORDER BY seq LIMIT 1`,
    );
    this.#lowest = database.prepare('SELECT min(row) AS row FROM audit');
    this.#highest = database.prepare('SELECT max(row) AS row FROM audit');
    this.#newest = database.prepare('SELECT incarnation FROM audit WHERE row > 0 ORDER BY row DESC LIMIT 1');
    // Walks from chain to chain instead of reading every record.
    this.#names = database.prepare(
      `SELECT incarnation, term FROM audit WHERE (incarnation, term) > (?, ?) ORDER BY incarnation, term LIMIT 1`,
    );
  }

  append(incarnationId: string, entry: AuditEntry): ChainHead {
    if (!this.#database.isTransaction)
      throw new Error('audit records are appended inside a transaction only');
    const previous = this.head(incarnationId, entry.term);
    const record = recordText(entry);
    const next = {
      seq: (previous?.seq ?? 0) + 1,
      hash: chainHash(previous?.hash ?? genesisHash(incarnationId, entry.term), record),
    };
    this.#write(this.#ownRow(), incarnationId, entry, { ...next, record });
    return next;
  }

  /**
   * Records of another KMA, which follow each other, behind what is here of their chain. Their rows have negative numbers: who is
   * told of this KMA's own counts rows, and shall find those of nobody else.
   */
  appendCopies(incarnationId: string, copied: readonly CopiedRecord[]): void {
    if (!this.#database.isTransaction) throw new Error('audit records are copied inside a transaction only');
    const lowest = Math.min(0, Number(this.#lowest.get()?.['row'] ?? 0));
    let row = lowest - copied.length;
    for (const record of copied) this.#write(row++, incarnationId, record.entry, record);
  }

  /** Null for SQLite's own numbering, behind all others; where there are but copies it would number as they are. */
  #ownRow(): number | null {
    if (this.#numbered) return null;
    this.#numbered = true;
    return Number(this.#highest.get()?.['row'] ?? 0) > 0 ? null : 1;
  }

  #write(row: number | null, incarnationId: string, entry: AuditEntry, at: ChainedRecord): void {
    this.#insert.run(
      row,
      incarnationId,
      entry.term,
      at.seq,
      at.hash,
      entry.createdAt,
      entry.operation,
      entry.severity,
      entry.entityId,
      entry.id,
      entry.condition,
      entry.class,
      entry.entityAddress,
      entry.kmaName,
      entry.message,
      entry.solution,
      at.record,
    );
    this.#heads.set(`${incarnationId}:${entry.term}`, { seq: at.seq, hash: at.hash });
  }

  head(incarnationId: string, term: RetentionTerm): ChainHead | undefined {
    const known = this.#heads.get(`${incarnationId}:${term}`);
    if (known !== undefined) return known;
    const last = this.#last.get(incarnationId, term);
    return last && { seq: Number(last['seq']), hash: String(last['hash']) };
  }

  hashAt(incarnationId: string, term: RetentionTerm, seq: number): string | undefined {
    const hash = this.#hashAt.get(incarnationId, term, seq)?.['hash'];
    return hash === undefined ? undefined : String(hash);
  }

  /** In order, those after `afterSeq`. */
  records(incarnationId: string, term: RetentionTerm, afterSeq: number, limit: number): KeptRecord[] {
    return this.#behind.all(incarnationId, term, afterSeq, limit).map(({ seq, hash, record, own }) => ({
      seq: Number(seq),
      hash: String(hash),
      record: String(record),
      isOwn: own === 1,
    }));
  }

  /** Of the chain; null where there is no record of it here. */
  chain(incarnationId: string, term: RetentionTerm): Chain | null {
    const first = this.#first.get(incarnationId, term);
    const last = this.#last.get(incarnationId, term);
    if (first === undefined || last === undefined) return null;
    return { incarnationId, term, firstSeq: Number(first['seq']), lastSeq: Number(last['seq']) };
  }

  /** The last record stays, because the next one is chained to it. */
  cut(incarnationId: string, term: RetentionTerm, upToSeq: number): { hash: string; records: number } {
    if (!this.#database.isTransaction) throw new Error('audit records are cut inside a transaction only');
    const hash = this.hashAt(incarnationId, term, upToSeq);
    const head = this.head(incarnationId, term);
    if (hash === undefined || head === undefined || upToSeq >= head.seq)
      throw new Error(`the audit chain of term ${term} cannot be cut at ${upToSeq}`);
    const { changes } = this.#delete.run(incarnationId, term, upToSeq);
    return { hash, records: Number(changes) };
  }

  /** Up to which record a chain is to be cut now, at most `batch` records of it; undefined if nothing is over the limit. */
  dueCut(
    incarnationId: string,
    term: RetentionTerm,
    limit: RetentionLimit,
    batch: number,
  ): number | undefined {
    const lastSeq = this.head(incarnationId, term)?.seq ?? 0;
    let due: number | undefined;
    let before: number | undefined;
    for (const row of this.#front.all(incarnationId, term, batch)) {
      const seq = Number(row['seq']);
      const createdAt = Number(row['created_at']);
      const isOver = seq <= lastSeq - limit.records || createdAt < limit.oldestMs;
      // The last one stays, and with its date those before it go.
      if (isOver) due = seq < lastSeq ? seq : before;
      else if (createdAt <= limit.nowMs) return due;
      before = seq;
    }
    if (before === undefined || before === due || before >= lastSeq) return due;
    const behind = this.#datedBehind.get(incarnationId, term, before, LATER_MAX, limit.nowMs);
    return behind !== undefined && Number(behind['created_at']) < limit.oldestMs ? before : due;
  }

  /** The life that wrote the newest record of those that were written here. */
  newestWriter(): string | undefined {
    const newest = this.#newest.get();
    return newest === undefined ? undefined : String(newest['incarnation']);
  }

  /** All chains that have records here. */
  chains(): readonly Chain[] {
    const chains: Chain[] = [];
    let row = this.#names.get('', '');
    while (row !== undefined) {
      const incarnationId = String(row['incarnation']);
      const term = row['term'] as RetentionTerm;
      const chain = this.chain(incarnationId, term);
      if (chain !== null) chains.push(chain);
      row = this.#names.get(incarnationId, term);
    }
    return chains;
  }

  /** Whether one of the records behind `after`, up to `through`, was made at this date or later. */
  isYoungWithin(
    { incarnationId, term }: ChainName,
    after: number,
    through: number,
    oldestMs: number,
  ): boolean {
    return this.#youngWithin.get(incarnationId, term, after, through, oldestMs) !== undefined;
  }

  /** The last of so many from the front; undefined where there is none. */
  frontEnd(incarnationId: string, term: RetentionTerm, count: number): number | undefined {
    const last = this.#front.all(incarnationId, term, count).at(-1);
    return last === undefined ? undefined : Number(last['seq']);
  }

  /** Inside a transaction: nothing is left of the chain. For a copy that begins elsewhere. */
  clear(incarnationId: string, term: RetentionTerm): void {
    this.#delete.run(incarnationId, term, Number.MAX_SAFE_INTEGER);
    this.#heads.delete(`${incarnationId}:${term}`);
  }

  /** Inside a transaction: all that was written here was written elsewhere, as it is in a store that another KMA has given. The order stays. */
  disown(): void {
    this.#database.exec(
      'UPDATE audit SET row = row - (SELECT max(row) + 1 - min(0, min(row)) FROM audit) WHERE row > 0',
    );
    this.#numbered = false;
  }

  /** To be called after a rollback. */
  forget(): void {
    this.#heads.clear();
    this.#numbered = false;
  }
}

/** What stands before the first record of a chain. */
export function genesisHash(incarnationId: string, term: RetentionTerm): string {
  return hash('sha256', `${incarnationId}:${term}`, 'hex').toUpperCase();
}

export function chainHash(previousHash: string, record: string): string {
  return hash(
    'sha256',
    Buffer.concat([Buffer.from(previousHash, 'hex'), Buffer.from(record)]),
    'hex',
  ).toUpperCase();
}

/** The record's canonical JSON: every field, in this order, so that one record has one text. */
export function recordText(entry: AuditEntry): string {
  return JSON.stringify({
    id: entry.id,
    createdAt: entry.createdAt,
    operation: entry.operation,
    severity: entry.severity,
    condition: entry.condition,
    message: entry.message,
    entityId: entry.entityId,
    entityAddress: entry.entityAddress,
    kmaId: entry.kmaId,
    kmaName: entry.kmaName,
    class: entry.class,
    term: entry.term,
    solution: entry.solution,
  } satisfies AuditEntry);
}
