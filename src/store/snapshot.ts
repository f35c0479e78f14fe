/** A copy of the store at one moment, made beside the running core; it leaves out what belongs to this machine alone. */
import { closeSync, constants, openSync, readSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { openableEpochs } from '../core/openable-epochs.ts';
import { readSetting } from '../core/settings.ts';
import { createPrivateFile, openDatabase } from './database.ts';
import { MACHINE_TABLES } from './local-tables.ts';
import { stateHash } from './state-hash.ts';
import { Store, type VersionVector } from './store.ts';

export interface Snapshot {
  readonly vector: VersionVector;
  /** For each incarnation the log position up to which every key that is not destroyed has its sealed object in the copy. */
  readonly heldVector: VersionVector;
  readonly stateHash: string;
  readonly bytes: number;
}

/** A flush of the whole copy holds up every commit of the store behind it, and nobody needs it: a copy does not outlive its process. */
const NOT_SYNCED = 'PRAGMA synchronous = OFF';

/** `intoPath` must not exist; the copy lives shortly, so nothing is synced. What was deleted before is not in the copy: it is written page by page from the living rows. */
export function makeSnapshot(databasePath: string, intoPath: string): Snapshot {
  // VACUUM INTO accepts an empty file, and ours has its permissions before it has its bytes.
  createPrivateFile(intoPath);
  const source = openDatabase(databasePath, 'read');
  try {
    source.exec(NOT_SYNCED);
    source.prepare('VACUUM INTO ?').run(intoPath);
  } finally {
    source.close();
  }
  writeThrough(intoPath);
  const described = finishCopy(intoPath);
  return { ...described, bytes: statSync(intoPath).size };
}

const PIECE_BYTES = 1024 * 1024;

/**
 * The system would keep all of the copy for half a minute and then write it at once, and for seconds no commit of the store would get
 * through. Written again with O_SYNC each piece is on the disk before the next; a flush is what Node's permission model forbids.
 */
function writeThrough(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_SYNC);
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let at = 0; ; ) {
      const bytes = readSync(file, piece, 0, PIECE_BYTES, at);
      if (bytes === 0) return;
      for (let done = 0; done < bytes; ) done += writeSync(file, piece, done, bytes - done, at + done);
      at += bytes;
    }
  } finally {
    closeSync(file);
  }
}

function finishCopy(path: string): Omit<Snapshot, 'bytes'> {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    // No journal on disk: it would hold the rows deleted here, and a copy that breaks off is thrown away.
    database.exec(`${NOT_SYNCED}; PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON`);
    for (const table of MACHINE_TABLES) database.exec(`DELETE FROM ${table}`);
    const copy = new Store(database, false);
    const vector = copy.vector();
    return { vector, heldVector: heldVector(copy, vector), stateHash: stateHash(copy) };
  } finally {
    database.close();
  }
}

/**
 * Facts and sealed objects may arrive apart; a key without its object, or under a master key that the root key material
 * of today does not open here, holds its incarnation's position back.
 */
function heldVector(store: Store, vector: VersionVector): VersionVector {
  const root = readSetting(store.state, 'currentRootEpochId');
  const openable = openableEpochs(
    store.state,
    (id) => store.getObject(id) !== undefined,
    new Set(root === null ? [] : [root]),
  );
  const missing = store.database
    .prepare(
      `SELECT key.incarnationId AS incarnation, MIN(key.madeSeq) AS seq FROM key LEFT JOIN object ON object.id = key.objectId
       WHERE key.destroyedStamp IS NULL AND key.createdStamp IS NOT NULL AND (object.id IS NULL OR object.epoch NOT IN (SELECT value FROM json_each(?)))
       GROUP BY key.incarnationId`,
    )
    .all(JSON.stringify([...openable]));
  const held = { ...vector };
  for (const row of missing) held[String(row['incarnation'])] = Number(row['seq']) - 1;
  return held;
}
