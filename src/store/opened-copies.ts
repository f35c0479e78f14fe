/** Which copies of root key material a life has opened: anybody may have encrypted anything to it, and what does not open lets it hold nothing. It keeps no key. */
import { z } from 'zod';

interface LocalRows {
  getLocal(name: string): string | undefined;
  setLocal(name: string, value: string): void;
}

const NAME = 'openedRootCopies';
/** Of each life that this store has led: the epoch of the root key material by the ID of the copy. */
const schema = z.record(z.string(), z.record(z.string(), z.string()));

/** The epoch by the ID of the object. */
export function openedCopies(rows: Pick<LocalRows, 'getLocal'>, incarnationId: string) {
  return new Map(Object.entries(all(rows)[incarnationId] ?? {}));
}

/** Inside a transaction. */
export function noteOpenedCopy(
  rows: LocalRows,
  incarnationId: string,
  objectId: string,
  rootEpochId: string,
): void {
  const known = all(rows);
  const own = { ...known[incarnationId], [objectId]: rootEpochId };
  rows.setLocal(NAME, JSON.stringify({ ...known, [incarnationId]: own }));
}

function all(rows: Pick<LocalRows, 'getLocal'>): z.infer<typeof schema> {
  return schema.parse(JSON.parse(rows.getLocal(NAME) ?? '{}'));
}
