/** Notices at start that the store is a copy or an older state of itself, and then begins a new incarnation, so that no key is handed out twice (architecture 5.8). */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { INCARNATION_ID_BYTES, type IncarnationId, idFrom } from '../core/ids.ts';
import { isRefusal } from '../core/refusal.ts';
import { beginIncarnation } from '../operations/incarnations.ts';
import { logPublicKey, replicationPublicKey } from '../security/log-signing.ts';
import type { DataDirectory } from '../store/data-directory.ts';
import type { Store } from '../store/store.ts';
import { fileIdentity } from '../store/synced-file.ts';
import { newLogSeed } from './foundation.ts';
import { type StoredIdentity, writeIdentityJson } from './local-identity.ts';
import { runAlone } from './run-alone.ts';

const NONCE_FILE = 'start-nonce.json';
/** A local row. */
const LIVED_ELSEWHERE = 'logLivedElsewhere';
const MACHINE_ID = '/etc/machine-id';
const nonceFile = z.strictObject({
  previous: z.string(),
  current: z.string(),
  /** The very file it was written into. */
  file: z.string().default(''),
});
type Nonces = z.infer<typeof nonceFile>;

/**
 * The nonce is kept twice, in the store and in a file beside it, and changed at every start: a store from another day
 * does not match the file. Inode, birth and machine tell a copied directory. The file is written first and keeps the
 * nonce before, so that a crash between the two writes is no mismatch; once the store has the new one, the file forgets
 * the old, so that the store of the start before does not match either. The file names itself and is a new one at every
 * start, so that a whole directory written back over its own files does not match.
 */
export function beginLife(directory: DataDirectory, store: Store, identity: StoredIdentity): StoredIdentity {
  const place = placeOf(directory);
  const nonce = store.getLocal('startNonce') ?? '';
  const known = readNonces(directory);
  const first = nonce === '' && known === null;
  const elsewhere = store.getLocal(LIVED_ELSEWHERE) === '1';
  const same =
    (first && !elsewhere) ||
    (!elsewhere &&
      known !== null &&
      [known.previous, known.current].includes(nonce) &&
      known.file === directory.localIdentity(NONCE_FILE) &&
      store.getLocal('place') === place);
  const current = randomBytes(16).toString('hex');
  const living = same ? identity : newIncarnation(directory, store, identity);
  writeNonces(directory, { previous: nonce, current });
  store.transaction(() => {
    store.setLocal('startNonce', current);
    store.setLocal('place', place);
    store.setLocal(LIVED_ELSEWHERE, '0');
  });
  writeNonces(directory, { previous: current, current });
  return living;
}

/** A member has more of this KMA's log than this store: the next start begins a new life. */
export function noteLivedElsewhere(store: Store): void {
  store.transaction(() => store.setLocal(LIVED_ELSEWHERE, '1'));
}

/** File systems give the inode of a deleted file to the next one; where they know no births, theirs is 0. */
function placeOf(directory: DataDirectory): string {
  const machine = existsSync(MACHINE_ID) ? readFileSync(MACHINE_ID, 'utf8').trim() : '';
  return `${machine}:${fileIdentity(directory.databasePath)}`;
}

function readNonces(directory: DataDirectory): Nonces | null {
  const bytes = directory.readLocal(NONCE_FILE);
  return bytes === undefined ? null : nonceFile.parse(JSON.parse(bytes.toString('utf8')));
}

function writeNonces(directory: DataDirectory, nonces: Omit<Nonces, 'file'>): void {
  directory.writeLocal(NONCE_FILE, (file) => Buffer.from(JSON.stringify({ ...nonces, file })));
}

/** The original may still live elsewhere, so its incarnation is not ended here. A crash in between leads to another new one. */
function newIncarnation(directory: DataDirectory, store: Store, old: StoredIdentity): StoredIdentity {
  const identity = { ...old, incarnationId: idFrom<IncarnationId>(randomBytes(INCARNATION_ID_BYTES)) };
  const seed = newLogSeed();
  const input = {
    logPublicKey: logPublicKey(seed),
    replicationPublicKey: replicationPublicKey(seed),
    baseVector: store.vector(),
    before: old.incarnationId,
  };
  const begun = runAlone(store, identity, beginIncarnation, input, undefined);
  if (isRefusal(begun)) throw new Error(`no new incarnation: ${begun.detail ?? begun.refused}`);
  directory.writeLocal('log-seed', seed.reveal());
  seed.wipe();
  writeIdentityJson(directory, identity);
  return identity;
}
