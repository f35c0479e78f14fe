/** Opens the SQLite connections of the store with the settings durability and erasure rest on (D3, D14); it knows no tables. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { OpenKmaError } from '../errors.ts';

export type StoreMode = 'create' | 'write' | 'read';

/** How long a connection waits for another's write; there is one writer, so it should never have to. */
export const BUSY_TIMEOUT_MS = 5000;
/**
 * Of every connection; the file system keeps all pages as well. A writer pays for each page that is kept: where a tree was balanced,
 * and in most commits of hand-outs one is, SQLite moves pages by way of a number beyond the end of the file, and looks through all that
 * it keeps as the transaction ends. With 64 MB full a commit of four hand-outs costs 0.1 ms more.
 */
const CACHE_KIBIBYTES = 8_192;
/** The write-ahead log is cut back to this after a checkpoint, so that one large batch does not hold the space for ever. */
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024;

export function openDatabase(path: string, mode: StoreMode): DatabaseSync {
  if (mode === 'create') createPrivateFile(path);
  else if (!existsSync(path)) throw new OpenKmaError('DATA_DIRECTORY_EMPTY', `there is no ${path}`);
  const database = new DatabaseSync(path, {
    readOnly: mode === 'read',
    enableForeignKeyConstraints: false,
    timeout: BUSY_TIMEOUT_MS,
  });
  // Temporary tables and sorts stay in memory: a temporary file would be a copy outside the data directory.
  database.exec(
    `PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${CACHE_KIBIBYTES}; PRAGMA trusted_schema = OFF`,
  );
  if (mode !== 'read') makeDurable(database);
  return database;
}

function makeDurable(database: DatabaseSync): void {
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
     PRAGMA wal_autocheckpoint = 10000; PRAGMA journal_size_limit = ${JOURNAL_LIMIT_BYTES}`,
  );
}

/** SQLite gives its side files (-wal, -shm) the permissions of the database, so the file is made before SQLite sees it. */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
}

/** Primary result codes of SQLite which say that nothing can be written now: READONLY, IOERR, FULL, CANTOPEN. */
const UNWRITABLE = new Set([8, 10, 13, 14]);
/** CORRUPT and NOTADB. */
const DAMAGED = new Set([11, 26]);
/** Beneath SQLite too: reading failed, which is damage, though it has the code of input and output. */
const IOERR_READS = new Set([266, 522, 8458]);
/** What the system says of files that cannot be written, such as those beside the database. */
const UNWRITABLE_FILES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EIO']);

/** SQLite's own words for a full disk: FULL, under a limit of the database's size too, and IOERR_SHMSIZE, where a file is opened. */
const FULL = new Set<unknown>([13, 4874]);
const FULL_FILES = new Set<unknown>(['ENOSPC', 'EDQUOT']);

/** Also as the register's error. */
export function isFull(error: unknown): boolean {
  if (error instanceof OpenKmaError) return isFull(error.cause);
  if (!(error instanceof Error)) return false;
  return ('errcode' in error && FULL.has(error.errcode)) || ('code' in error && FULL_FILES.has(error.code));
}

/** Trouble of the store as the register's error; anything else as it came. */
export function asStoreError(error: unknown): unknown {
  const code = storeCode(error);
  if (code === null || !(error instanceof Error)) return error;
  const known = new OpenKmaError(code, error.message);
  known.cause = error;
  return known;
}

function storeCode(error: unknown): 'STORE_UNWRITABLE' | 'STORE_DAMAGED' | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && UNWRITABLE_FILES.has(String(error.code))) return 'STORE_UNWRITABLE';
  if (!('errcode' in error) || typeof error.errcode !== 'number') return null;
  const primary = error.errcode & 0xff;
  if (DAMAGED.has(primary) || IOERR_READS.has(error.errcode)) return 'STORE_DAMAGED';
  return UNWRITABLE.has(primary) ? 'STORE_UNWRITABLE' : null;
}
