/** The directory of one KMA: its layout, its permissions, its local files and the lock against a second KMA; it never reads the database. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OpenKmaError } from '../errors.ts';
import { createPrivateFile } from './database.ts';
import { assertPrivate } from './private-files.ts';
import { type FileContent, fileIdentity, replaceSynced, syncDirectory } from './synced-file.ts';

/** A Unix socket lies in the directory, and the path of one ends at 107 bytes. */
const PATH_MAX_BYTES = 90;
const LOCAL_NAME = /^[a-z0-9][a-z0-9-]{0,63}(\.[a-z0-9-]{1,16})?$/;
/** SQLite's result code for a lock that another holds. */
const SQLITE_BUSY = 5;

export class DataDirectory {
  readonly path: string;
  readonly databasePath: string;
  readonly adminSocketPath: string;
  /** Space kept aside, which may go at any time. */
  readonly reservePath: string;
  readonly #lockPath: string;
  readonly #localPath: string;
  readonly #stagingPath: string;

  private constructor(path: string) {
    this.path = path;
    this.databasePath = join(path, 'kma.db');
    this.adminSocketPath = join(path, 'admin.sock');
    this.reservePath = join(path, 'reserve');
    this.#lockPath = join(path, 'lock.db');
    this.#localPath = join(path, 'local');
    this.#stagingPath = join(path, 'staging');
  }

  /** Lays out a directory that is missing or empty; the database is made by openStore. Where it is to be moved, its length counts there. */
  static create(path: string, finalPath = path): DataDirectory {
    checkedPath(finalPath);
    const directory = new DataDirectory(resolve(path));
    mkdirSync(directory.path, { recursive: true, mode: 0o700 });
    if (existsSync(directory.databasePath))
      throw new OpenKmaError('DATA_DIRECTORY_INITIALISED', directory.path);
    if (readdirSync(directory.path).length > 0)
      throw new OpenKmaError('DATA_DIRECTORY_NOT_EMPTY', directory.path);
    chmodSync(directory.path, 0o700);
    assertPrivate(directory.path);
    mkdirSync(directory.#localPath, { mode: 0o700 });
    mkdirSync(directory.#stagingPath, { mode: 0o700 });
    createPrivateFile(directory.#lockPath);
    syncDirectory(directory.path);
    return directory;
  }

  static open(path: string): DataDirectory {
    const directory = new DataDirectory(checkedPath(path));
    if (!existsSync(directory.databasePath)) throw new OpenKmaError('DATA_DIRECTORY_EMPTY', directory.path);
    assertPrivate(directory.path);
    return directory;
  }

  /** What may be half made: for its lock and its local files. */
  static at(path: string): DataDirectory {
    return new DataDirectory(resolve(path));
  }

  /**
   * Keeps every other process off the directory until the function it returns is called or this process ends, however it ends:
   * the operating system frees SQLite's lock with the process.
   */
  lock(): () => void {
    const release = this.tryLock();
    if (release === null) throw new OpenKmaError('DATA_DIRECTORY_IN_USE', this.path);
    return release;
  }
  /** Null where another holds the lock. */
  tryLock(): (() => void) | null {
    const database = new DatabaseSync(this.#lockPath, { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null;
      throw error;
    }
    return () => database.close();
  }

  /** A file of this machine alone, in no backup; undefined if there is none. */
  readLocal(name: string): Buffer | undefined {
    const path = this.#local(name);
    return existsSync(path) ? readFileSync(path) : undefined;
  }
  /** Replaces the file whole or not at all, whenever the machine stops. */
  writeLocal(name: string, content: FileContent): void {
    replaceSynced(this.#local(name), content);
  }
  /** Each writing makes another file. */
  localIdentity(name: string): string {
    return fileIdentity(this.#local(name));
  }
  removeLocal(name: string): void {
    rmSync(this.#local(name), { force: true });
    syncDirectory(this.#localPath);
  }

  /** A new empty directory for files derived from the store, which live shortly (D14). */
  createStaging(purpose: string): string {
    return mkdtempSync(join(this.#stagingPath, `${purpose}-`));
  }
  listStaging(): readonly string[] {
    return readdirSync(this.#stagingPath).map((name) => join(this.#stagingPath, name));
  }
  /** Removes what an earlier process left; by the holder of the lock only. */
  cleanStaging(): void {
    for (const path of this.listStaging()) rmSync(path, { recursive: true, force: true });
  }

  #local(name: string): string {
    if (!LOCAL_NAME.test(name)) throw new Error(`not a name for a local file: ${name}`);
    return join(this.#localPath, name);
  }
}

/** Absolute, and short enough for the socket. */
export function checkedPath(path: string): string {
  const absolute = resolve(path);
  const bytes = Buffer.byteLength(absolute);
  if (bytes > PATH_MAX_BYTES) throw new OpenKmaError('PATH_TOO_LONG', `${absolute} has ${bytes} bytes`);
  return absolute;
}
