/** Where in each log the keys under each master key begin, as far as their objects are here: how far a log is held is then a look at a few rows. It opens nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { VersionVector } from '../core/version-vector.ts';

interface Beginning {
  readonly incarnation: string;
  readonly epoch: string;
  readonly first_seq: number;
}

export class KeyEpochs {
  readonly #note: StatementSync;
  readonly #all: StatementSync;
  readonly #clear: StatementSync;
  readonly #find: StatementSync;

  constructor(database: DatabaseSync) {
    this.#note = database.prepare(
      `INSERT INTO key_epoch (incarnation, epoch, first_seq) VALUES (?, ?, ?)
       ON CONFLICT (incarnation, epoch) DO UPDATE SET first_seq = min(first_seq, excluded.first_seq)`,
    );
    this.#all = database.prepare('SELECT incarnation, epoch, first_seq FROM key_epoch');
    this.#clear = database.prepare('DELETE FROM key_epoch');
    this.#find = database.prepare(
      `INSERT INTO key_epoch (incarnation, epoch, first_seq)
       SELECT key.incarnationId, object.epoch, min(key.madeSeq) FROM key JOIN object ON object.id = key.objectId
       WHERE key.incarnationId IS NOT NULL AND key.madeSeq IS NOT NULL GROUP BY 1, 2`,
    );
  }

  /** The object of a key that was made there has come. */
  note(made: { readonly incarnationId: string; readonly seq: number }, epoch: string): void {
    this.#note.run(made.incarnationId, epoch, made.seq);
  }

  /** Inside a transaction: for a store whose rows were left behind. Reads all keys. */
  findAll(): void {
    this.#clear.run();
    this.#find.run();
  }

  /** Up to before the first key that cannot be opened here. */
  clipped(vector: VersionVector, openable: ReadonlySet<string>): VersionVector {
    const held = { ...vector };
    for (const { incarnation, epoch, first_seq } of this.#all.all() as unknown as Beginning[]) {
      const length = held[incarnation];
      if (length !== undefined && !openable.has(epoch)) held[incarnation] = Math.min(length, first_seq - 1);
    }
    return held;
  }
}
