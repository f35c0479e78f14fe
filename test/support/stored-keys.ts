/** What the store says of keys that agents were given: activated once, sealed object there, one audit record each. It reads and changes nothing. */
import { join } from 'node:path';
import { readIdentity } from '../../src/setup/local-identity.ts';
import { verifyAudit } from '../../src/store/audit-verification.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';
import { openStore, type Store } from '../../src/store/store.ts';

export interface StoreReport {
  /** Key IDs that are not in the store as handed out. */
  readonly missing: readonly string[];
  /** Key IDs without exactly one audit record of their hand-out. */
  readonly notAuditedOnce: readonly string[];
  /** Whatever SQLite or the audit chains find wrong. */
  readonly damage: readonly string[];
}

export function inspectStore(dataDirectory: string, keyIds: readonly string[]): StoreReport {
  const store = openStore({ path: join(dataDirectory, 'kma.db'), mode: 'read' });
  try {
    const handedOut = (keyId: string) => {
      const key = store.state.get('key', keyId);
      return (
        key?.activatedStamp != null && key.objectId !== null && store.getObject(key.objectId) !== undefined
      );
    };
    const audited = auditedHandOuts(store);
    const { kmaId } = readIdentity(DataDirectory.open(dataDirectory));
    const chains = verifyAudit(store, kmaId).filter(({ verdict }) => verdict !== 'intact');
    return {
      missing: keyIds.filter((keyId) => !handedOut(keyId)),
      notAuditedOnce: keyIds.filter((keyId) => audited.get(keyId) !== 1),
      damage: [...store.integrityCheck(), ...chains.map(({ term, verdict }) => `${term}: ${verdict}`)],
    };
  } finally {
    store.close();
  }
}

const HAND_OUTS = `SELECT json_extract(record, '$.message') AS message FROM audit
  WHERE operation IN ('CreateKey', 'CreateKey2') AND severity = 'success' AND row > 0`;

/** How many records of a hand-out each key has that this KMA wrote itself. */
export function auditedHandOuts(store: Store): Map<string, number> {
  const times = new Map<string, number>();
  for (const { message } of store.database.prepare(HAND_OUTS).all()) {
    const keyId = /\bkey=([0-9A-F]{60})\b/.exec(String(message))?.[1] ?? '';
    times.set(keyId, (times.get(keyId) ?? 0) + 1);
  }
  return times;
}
