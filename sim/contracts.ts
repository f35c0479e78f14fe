/** What is to come from core. */
import type { LogEntry } from '../src/core/facts.ts';
import { type AnyRow, tableOf, type TableName } from '../src/core/tables.ts';

export function namedObjects(table: TableName, row: AnyRow | undefined): readonly string[] {
  if (row === undefined || row['removedStamp'] !== null) return [];
  if (table === 'key' && row['destroyedStamp'] !== null) return [];
  if (table === 'pending_operation' && row['finishedStamp'] !== null) return [];
  if (table === 'object_erasure') return [];
  return Object.keys(tableOf(table).columns).flatMap((column) => {
    const id = column.endsWith('ObjectId') || column === 'objectId' ? row[column] : null;
    return typeof id === 'string' ? [id] : [];
  });
}
export function readEntry(block: Uint8Array): LogEntry {
  return JSON.parse(Buffer.from(block).toString()) as LogEntry;
}
export type Vector = Readonly<Record<string, number>>;
export function covers(own: Vector, other: Vector): boolean {
  return Object.entries(other).every(([id, length]) => (own[id] ?? 0) >= length);
}
export function heldVector(store: {
  vector(): Vector;
  missing(): ReadonlySet<string>;
  state: import('../src/core/state.ts').StateView;
}): Vector {
  const held: Record<string, number> = { ...store.vector() };
  for (const id of store.missing())
    for (const key of store.state.scan('key', 'object', { equals: [id], limit: 1 })) {
      if (key.destroyedStamp !== null || key.incarnationId === null) continue;
      held[key.incarnationId] = Math.min(held[key.incarnationId] ?? 0, (key.madeSeq ?? 1) - 1);
    }
  return held;
}
