/** The store of one KMA: state, logs, objects and audit in one SQLite file, changed in transactions; it decides nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { boundedEntry } from '../core/audit-bounds.ts';
import type { LogEntry } from '../core/facts.ts';
import type { IncarnationId } from '../core/ids.ts';
import type { RowChange } from '../core/named-objects.ts';
import { openableEpochs, rootsAt } from '../core/openable-epochs.ts';
import type { Hlc } from '../core/stamp.ts';
import type { VersionVector } from '../core/version-vector.ts';
import { OpenKmaError } from '../errors.ts';
import type { RetentionTerm } from '../operations/audit-record.ts';
import type { NewObject } from '../operations/operation.ts';
import { AgentPerformanceTable } from './agent-performance-table.ts';
import { AuditChains, type AuditEntry, type ChainHead } from './audit-chain.ts';
import { AuditCopies } from './audit-copies.ts';
import { asStoreError, BUSY_TIMEOUT_MS, isFull, openDatabase, type StoreMode } from './database.ts';
import { FactsLog } from './facts-log.ts';
import { FoundConflicts } from './found-conflicts.ts';
import { IdempotencyTable } from './idempotency-table.ts';
import { KeptStatements } from './kept-statements.ts';
import { KeyEpochs } from './key-epochs.ts';
import { KmaPerformanceTable } from './kma-performance-table.ts';
import { MissingObjects } from './missing-objects.ts';
import { ObjectTable, type StoredObject } from './object-table.ts';
import { openedCopies } from './opened-copies.ts';
import { PendingErasures } from './pending-erasures.ts';
import { ProofFailureTable } from './proof-failure-table.ts';
import { RowCache } from './row-cache.ts';
import { assertSchemaCurrent, createSchema, migrateSchema, quoted } from './schema.ts';
import { SqliteState } from './sqlite-state.ts';
import { SystemMessageTable } from './system-message-table.ts';
import { UserSessionTable } from './user-session-table.ts';

export type { AuditEntry, ChainHead, StoredObject, StoreMode, VersionVector };

export function openStore(options: { readonly path: string; readonly mode: StoreMode }): Store {
  const database = openDatabase(options.path, options.mode);
  try {
    if (options.mode === 'create') createSchema(database);
    else if (options.mode === 'write') migrateSchema(database);
    else assertSchemaCurrent(database);
    return new Store(database, options.mode === 'read');
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Asked when the disk is full: true where room was made, so that the transaction is worth another try. */
export type MakeRoom = (error: unknown, tries: number) => boolean;

export class Store {
  readonly state: SqliteState;
  readonly audit: AuditChains;
  /** Where each chain begins here, and those of other KMAs. */
  readonly auditCopies: AuditCopies;
  readonly userSessions: UserSessionTable;
  readonly agentPerformance: AgentPerformanceTable;
  readonly kmaPerformance: KmaPerformanceTable;
  readonly idempotency: IdempotencyTable;
  readonly proofFailures: ProofFailureTable;
  readonly systemMessages: SystemMessageTable;
  /** What rows name and is not here. */
  readonly missing: MissingObjects;
  readonly keyEpochs: KeyEpochs;
  /** What was erased and may be in some file still. */
  readonly erasures: PendingErasures;
  /** What was changed on both sides of a partition, and is to be written down. */
  readonly conflicts: FoundConflicts;
  /** For the modules of this folder; nobody else writes SQL. */
  readonly database: DatabaseSync;
  /** Of questions whose SQL is put together anew each time. */
  readonly statements: KeptStatements;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #log: FactsLog;
  readonly #objects: ObjectTable;

  /** Use openStore. */
  constructor(database: DatabaseSync, readOnly: boolean) {
    this.database = database;
    this.statements = new KeptStatements(database);
    this.state = new SqliteState(database, readOnly ? null : new RowCache());
    this.audit = new AuditChains(database);
    this.auditCopies = new AuditCopies(database, this.audit, this.state);
    this.userSessions = new UserSessionTable(database);
    this.idempotency = new IdempotencyTable(database);
    this.agentPerformance = new AgentPerformanceTable(database);
    this.kmaPerformance = new KmaPerformanceTable(database);
    this.proofFailures = new ProofFailureTable(database);
    this.erasures = new PendingErasures(database);
    this.conflicts = new FoundConflicts(database);
    this.missing = new MissingObjects(database);
    this.keyEpochs = new KeyEpochs(database);
    this.systemMessages = new SystemMessageTable(database);
    this.#log = new FactsLog(database, this.state);
    this.#objects = new ObjectTable(database);
    this.#begin = database.prepare(readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** All or nothing, and durable when it returns. On a full disk `work` runs again where `makeRoom` made some. */
  transaction<T>(work: () => T, makeRoom: MakeRoom = () => false): T {
    if (this.inTransaction) throw new Error('a transaction is open already');
    for (let tries = 0; ; tries++) {
      try {
        this.#begin.run();
        const result = work();
        this.#commit.run();
        return result;
      } catch (error) {
        this.#rollBack();
        if (!isFull(error) || !makeRoom(error, tries)) throw asStoreError(error);
      }
    }
  }

  /** Inside a transaction: `work` whole or not at all; null where it failed for a reason that lies in what it was given. Trouble of the store itself goes on. */
  attempt<T>(work: () => T): T | null {
    this.database.exec('SAVEPOINT attempt');
    try {
      const result = work();
      this.database.exec('RELEASE attempt');
      return result;
    } catch (error) {
      if (!this.inTransaction || asStoreError(error) instanceof OpenKmaError) throw error;
      this.database.exec('ROLLBACK TO attempt; RELEASE attempt');
      this.state.forget();
      this.#log.forget();
      return null;
    }
  }

  /** False too where the database has rolled back by itself. */
  get inTransaction(): boolean {
    return this.database.isTransaction;
  }

  /** One unchanging view for the whole of `work`; inside a transaction it is the transaction's. */
  read<T>(work: () => T): T {
    return this.inTransaction ? work() : this.transaction(work);
  }

  /** Inside a transaction: appends to the incarnation's log and folds; gives the entry's position, from 1. */
  appendEntry(incarnationId: IncarnationId, entry: LogEntry): number {
    return this.#log.append(incarnationId, entry);
  }
  /** Inside a transaction: of another KMA's log, once it was judged (store/foreign-entries.ts). Gives the rows that it changed. */
  appendForeignEntry(incarnationId: IncarnationId, entry: LogEntry, bytes: Uint8Array): readonly RowChange[] {
    return this.#log.appendForeign(incarnationId, entry, bytes);
  }
  /** Inside a transaction: takes the end of a log back, of which others have another one. Gives its entries. */
  takeBack(incarnationId: IncarnationId, afterSeq: number): readonly LogEntry[] {
    return this.#log.takeBack(incarnationId, afterSeq);
  }
  /** The stamp of the log's last entry; "" where there is none. */
  logStamp(incarnationId: string): string {
    return this.#log.stamp(incarnationId);
  }
  logLength(incarnationId: string): number {
    return this.#log.length(incarnationId);
  }
  /** The exact bytes of the log's entries after `afterSeq`. */
  readLog(incarnationId: string, afterSeq: number, limit: number): readonly Uint8Array[] {
    return this.#log.read(incarnationId, afterSeq, limit);
  }
  lastStamp(): Hlc {
    return this.#log.lastStamp();
  }
  vector(): VersionVector {
    return this.#log.vector();
  }
  /** For each log the position up to which every key that is not destroyed has its sealed object here, under a master key that can be opened here in this life. */
  heldVector(incarnationId: string): VersionVector {
    const held = this.missing.heldVector(this.vector());
    const has = (id: string) => this.hasObject(id);
    const roots = rootsAt(this.state, has, openedCopies(this, incarnationId));
    return this.keyEpochs.clipped(held, openableEpochs(this.state, has, roots));
  }

  /** Gives the SHA-256 of the bytes, upper-case hex. */
  putObject(object: NewObject): string {
    return this.#objects.put(object);
  }
  getObject(id: string): StoredObject | undefined {
    return this.#objects.get(id);
  }
  hasObject(id: string): boolean {
    return this.#objects.has(id);
  }
  /** Whether there was one. It is looked for no more, and its erasure is to be confirmed even where there was none: every life has to say so. */
  eraseObject(id: string): boolean {
    this.missing.forget(id);
    this.erasures.add(id);
    return this.#objects.erase(id);
  }

  /** Inside a transaction: the next record of the chain of the entry's retention term. */
  appendAudit(incarnationId: string, entry: AuditEntry): ChainHead {
    return this.audit.append(incarnationId, boundedEntry(entry));
  }
  /** Inside a transaction, together with the fact audit_cut, which any member may write over: deletes the front of a chain up to and including `upToSeq`. */
  cutAudit(incarnationId: string, term: RetentionTerm, upToSeq: number): { hash: string; records: number } {
    return this.auditCopies.cut({ incarnationId, term }, upToSeq);
  }

  getLocal(name: string): string | undefined {
    return this.database.prepare('SELECT value FROM local WHERE name = ?').get(name)?.['value'] as
      | string
      | undefined;
  }
  setLocal(name: string, value: string): void {
    this.database.prepare('REPLACE INTO local (name, value) VALUES (?, ?)').run(name, value);
  }

  /** Empties the write-ahead log; false where a reader still needs it, then try again later. It never waits for the reader. */
  checkpointTruncate(): boolean {
    return this.#checkpoint('TRUNCATE');
  }
  /** Has the write-ahead log begin anew in the space it has; false as above. */
  checkpointRestart(): boolean {
    return this.#checkpoint('RESTART');
  }
  /** What is damaged in the file; empty when nothing is. Reads all of it: for readers and tests. */
  integrityCheck(): readonly string[] {
    const rows = this.database.prepare('PRAGMA integrity_check(20)').all();
    return rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
  }
  /** Of one table and its indexes: whether the file is whole, not what stands in the rows. Steps, since a table takes up to seconds. */
  *quickCheck(): Generator<readonly string[]> {
    const tables = this.database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`);
    for (const { name } of tables.all()) yield this.#damageOf(String(name));
  }
  close(): void {
    this.database.close();
  }

  #damageOf(table: string): string[] {
    try {
      const rows = this.database.prepare(`PRAGMA quick_check(${quoted(table)})`).all();
      return rows.map((row) => String(row['quick_check'])).filter((line) => line !== 'ok');
    } catch (error) {
      // Where the first page of a table is damaged there is no more to be said.
      return [`table ${table}: ${error instanceof Error ? error.message : String(error)}`];
    }
  }

  #checkpoint(mode: 'TRUNCATE' | 'RESTART'): boolean {
    this.database.exec('PRAGMA busy_timeout = 0');
    try {
      return this.database.prepare(`PRAGMA wal_checkpoint(${mode})`).get()?.['busy'] === 0;
    } finally {
      this.database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  #rollBack(): void {
    try {
      if (this.inTransaction) this.database.exec('ROLLBACK');
    } finally {
      this.state.forget();
      this.#log.forget();
      this.audit.forget();
    }
  }
}
