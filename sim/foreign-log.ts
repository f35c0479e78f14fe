/** Takes blocks of foreign logs into a store, inside its transaction, with what the fold lets go of and what is missing then. The rules are those of core. */
import type { IncarnationId } from '../src/core/ids.ts';
import type { AnyRow, TableName } from '../src/core/tables.ts';
import { namedObjects, readEntry } from './contracts.ts';
import type { Seams } from './seams.ts';
import type { Store } from './store.ts';

export interface Taken {
  readonly length: number;
  /** Of the last entry that was folded; "" where there was none. */
  readonly stamp: string;
  readonly letGo: readonly string[];
}

export function takeForeign(
  { unknown, letsGo }: Seams,
  store: Store,
  incarnationId: IncarnationId,
  afterSeq: number,
  blocks: readonly Uint8Array[],
): Taken {
  const letGo: string[] = [];
  let stamp = '';
  for (const block of unknown(blocks, store.logLength(incarnationId) - afterSeq)) {
    const entry = readEntry(block);
    const touched = new Map<string, { table: TableName; id: string; before: AnyRow | undefined }>();
    for (const { table, id } of entry.facts)
      if (!touched.has(`${table} ${id}`))
        touched.set(`${table} ${id}`, { table, id, before: store.getRow(table, id) });
    store.append(incarnationId, entry, block);
    stamp = entry.stamp;
    for (const { table, id, before } of touched.values())
      letGo.push(
        ...follow(store, letsGo, namedObjects(table, before), namedObjects(table, store.getRow(table, id))),
      );
  }
  store.noteErased(letGo);
  return { length: store.logLength(incarnationId), stamp, letGo };
}

function follow(
  store: Store,
  letsGo: boolean,
  before: readonly string[],
  after: readonly string[],
): string[] {
  for (const id of after)
    if (!before.includes(id) && store.getObject(id) === undefined) store.setMissing(id, true);
  const letGo = before.filter((id) => !after.includes(id));
  for (const id of letGo) {
    if (letsGo) store.eraseObject(id);
    store.setMissing(id, false);
  }
  return letGo;
}
