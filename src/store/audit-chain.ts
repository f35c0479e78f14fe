/** Audit records as hash chains, one for each incarnation and retention term: appended at the end, cut from the front, never altered. */
import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AuditRecord, RetentionTerm } from '../operations/audit-record.ts';
import { BOUND_LIMIT } from './schema.ts';

/** A record before it has a place in the table. */
export type AuditEntry = Omit<AuditRecord, 'row'>;

/** The last record of a chain; `hash` is upper-case hex. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}
export interface Chain {
  readonly incarnationId: string;
  readonly term: RetentionTerm;
  readonly firstSeq: number;
  readonly lastSeq: number;
}
/** What a term keeps at most: so many records, and none made before this date. */
export interface RetentionLimit {
  readonly records: number;
  readonly oldestMs: number;
}

export class AuditChains {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #first: StatementSync;
  readonly #hashAt: StatementSync;
  readonly #delete: StatementSync;
  readonly #front: StatementSync;
  readonly #names: StatementSync;
  /** Heads which this process has written; forgotten when a transaction is rolled back. */
  readonly #heads = new Map<string, ChainHead>();

  constructor(database: DatabaseSync) {
    const chain = 'incarnation = ? AND term = ?';
    this.#database = database;
    this.#insert = database.prepare(
      `INSERT INTO audit (incarnation, term, seq, hash, created_at, operation, severity, entity, id, condition, class,
         entity_address, kma_name, message, solution, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#last = database.prepare(`SELECT seq, hash FROM audit WHERE ${chain} ORDER BY seq DESC LIMIT 1`);
    this.#first = database.prepare(`SELECT seq FROM audit WHERE ${chain} ORDER BY seq LIMIT 1`);
    this.#hashAt = database.prepare(`SELECT hash FROM audit WHERE ${chain} AND seq = ?`);
    this.#delete = database.prepare(`DELETE FROM audit WHERE ${chain} AND seq <= ?`);
    this.#front = database.prepare(
      `SELECT seq, created_at FROM audit WHERE ${chain} ORDER BY seq ${BOUND_LIMIT}`,
    );
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
    this.#insert.run(
      incarnationId,
      entry.term,
      next.seq,
      next.hash,
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
      record,
    );
    this.#heads.set(`${incarnationId}:${entry.term}`, next);
    return next;
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
    for (const row of this.#front.all(incarnationId, term, batch)) {
      const seq = Number(row['seq']);
      const tooMany = seq <= lastSeq - limit.records;
      if (seq >= lastSeq || (!tooMany && Number(row['created_at']) >= limit.oldestMs)) break;
      due = seq;
    }
    return due;
  }

  /** All chains that have records here. */
  chains(): readonly Chain[] {
    const chains: Chain[] = [];
    let row = this.#names.get('', '');
    while (row !== undefined) {
      const incarnationId = String(row['incarnation']);
      const term = row['term'] as RetentionTerm;
      const firstSeq = Number(this.#first.get(incarnationId, term)?.['seq']);
      const lastSeq = Number(this.#last.get(incarnationId, term)?.['seq']);
      chains.push({ incarnationId, term, firstSeq, lastSeq });
      row = this.#names.get(incarnationId, term);
    }
    return chains;
  }

  /** To be called after a rollback. */
  forget(): void {
    this.#heads.clear();
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
