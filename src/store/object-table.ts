/** Objects that facts name by ID and hash (D14): written once, read, erased; it never opens what is sealed. */
import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { OBJECT_BYTES_MAX } from '../core/log-bounds.ts';
import { OpenKmaError } from '../errors.ts';
import type { NewObject } from '../operations/operation.ts';

export interface StoredObject extends NewObject {
  /** Of the bytes as stored, upper-case hex. */
  readonly sha256: string;
}

export class ObjectTable {
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #has: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO object (id, class, kind, owner, epoch, sha256, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#select = database.prepare(
      'SELECT id, class, kind, owner, epoch, sha256, bytes FROM object WHERE id = ?',
    );
    this.#has = database.prepare('SELECT 1 FROM object WHERE id = ?');
    this.#delete = database.prepare('DELETE FROM object WHERE id = ?');
  }

  /** Objects are immutable: a second one of the same ID is a broken invariant and throws. */
  put(object: NewObject): string {
    if (object.bytes.length > OBJECT_BYTES_MAX)
      throw new OpenKmaError('INVALID_PARAMETERS', 'an object is too large');
    const sha256 = hash('sha256', object.bytes, 'hex').toUpperCase();
    const { id, kind, owner, epoch, bytes } = object;
    this.#insert.run(id, object.class, kind, owner, epoch, sha256, bytes);
    return sha256;
  }
  get(id: string): StoredObject | undefined {
    const row = this.#select.get(id);
    return row && ({ ...row } as unknown as StoredObject);
  }
  has(id: string): boolean {
    return this.#has.get(id) !== undefined;
  }
  /** The bytes are overwritten in the page (secure_delete); the write-ahead log keeps them until it is truncated. */
  erase(id: string): boolean {
    return this.#delete.run(id).changes === 1;
  }
}
