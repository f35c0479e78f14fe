/** One hash over all replicated rows, equal wherever the same facts were folded (invariant 6); local tables are not in it. */
import { createHash, type Hash } from 'node:crypto';
import { lineColumns, stateLine } from '../core/state-line.ts';
import { TABLE_NAMES, type TableName } from '../core/tables.ts';
import { quoted } from './schema.ts';
import type { Store } from './store.ts';

/** Rows are gathered into pieces of about this size, because a call for each row costs more than hashing it. */
const PIECE_CHARACTERS = 64 * 1024;

/** SHA-256, upper-case hex. Reads every row: for readers, backups and tests. */
export function stateHash(store: Store): string {
  const hash = createHash('sha256');
  store.read(() => {
    for (const table of TABLE_NAMES) hashTable(store, table, hash);
  });
  return hash.digest('hex').toUpperCase();
}

function hashTable(store: Store, table: TableName, hash: Hash): void {
  const columns = lineColumns(table);
  const statement = store.database.prepare(
    `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(table)} ORDER BY id`,
  );
  statement.setReturnArrays(true);
  let piece = '';
  for (const cells of statement.iterate() as Iterable<unknown>) {
    piece += stateLine(table, columns, cells as readonly unknown[]);
    if (piece.length < PIECE_CHARACTERS) continue;
    hash.update(piece);
    piece = '';
  }
  hash.update(piece);
}
