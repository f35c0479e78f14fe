/** Notices at start that the store is a copy or an older state of itself, and then begins a new incarnation, so that no key is handed out twice (architecture 5.8). */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { INCARNATION_ID_BYTES, type IncarnationId, idFrom } from '../core/ids.ts';
import { isRefusal, type Refusal } from '../core/refusal.ts';
import { beginningAfter, repeatTail } from '../core/repeated-tail.ts';
import type { Stamp } from '../core/stamp.ts';
import { beginIncarnation, type LifeReason } from '../operations/incarnations.ts';
import { logPublicKey, replicationPublicKey } from '../security/log-signing.ts';
import type { DataDirectory } from '../store/data-directory.ts';
import type { Store } from '../store/store.ts';
import { fileIdentity } from '../store/synced-file.ts';
import { newLogSeed } from './foundation.ts';
import { type StoredIdentity, writeIdentityJson } from './local-identity.ts';
import { commitAlone } from './run-alone.ts';

const NONCE_FILE = 'start-nonce.json';
/** Local rows. */
const LIVED_ELSEWHERE = 'logLivedElsewhere';
const DOUBTED = 'logDoubted';
const FORKED = 'logForked';
const CUT_SHORT = 'logCutShort';
const PUT_BACK = 'putBack';
const MACHINE_ID = '/etc/machine-id';
const nonceFile = z.strictObject({
  previous: z.string(),
  current: z.string(),
  /** The very file it was written into. */
  file: z.string().default(''),
});
type Nonces = z.infer<typeof nonceFile>;
const forkedLog = z.strictObject({
  incarnationId: z.custom<IncarnationId>((id) => typeof id === 'string'),
  after: z.int().min(0),
});
export type Forked = z.infer<typeof forkedLog>;

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
  const forked = readForked(store);
  const isItself =
    first ||
    (known !== null &&
      [known.previous, known.current].includes(nonce) &&
      known.file === directory.localIdentity(NONCE_FILE) &&
      store.getLocal('place') === place);
  const why = reasonOf({
    elsewhere,
    forked: forked !== null,
    isItself,
    isCutShort: store.getLocal(CUT_SHORT) === '1',
  });
  const current = randomBytes(16).toString('hex');
  const living = why === null ? identity : newIncarnation(directory, store, identity, { forked, why });
  writeNonces(directory, { previous: nonce, current });
  store.transaction(() => {
    store.setLocal('startNonce', current);
    store.setLocal('place', place);
    store.setLocal(LIVED_ELSEWHERE, '0');
    store.setLocal(FORKED, '');
    store.setLocal(CUT_SHORT, '0');
    if (elsewhere) store.setLocal(DOUBTED, identity.incarnationId);
    else if (forked !== null) store.setLocal(DOUBTED, '');
  });
  writeNonces(directory, { previous: current, current });
  return living;
}

/** The log of an earlier life of which a member had another end: it is compared with what others have, from its beginning on. */
export function doubtedLog(store: Pick<Store, 'getLocal'>): string | null {
  return store.getLocal(DOUBTED) || null;
}
/** Inside a transaction: others have it as it is here. */
export function endDoubt(store: Pick<Store, 'setLocal'>): void {
  store.setLocal(DOUBTED, '');
}

/** Others have another entry behind this one: the next start takes the end of the log back, and says it again in a new life. */
export function noteForked(store: Store, forked: Forked): void {
  store.transaction(() => store.setLocal(FORKED, JSON.stringify(forked)));
}

function readForked(store: Store): Forked | null {
  const text = store.getLocal(FORKED) || null;
  return text === null ? null : forkedLog.parse(JSON.parse(text));
}

/** Inside a transaction: others end the log of this life before its last entry. */
export function noteCutShort(store: Pick<Store, 'setLocal'>): void {
  store.setLocal(CUT_SHORT, '1');
}

/** What was written since may not be here, destructions of keys among it; also after further starts, until the others have told. */
export function isPutBack(store: Pick<Store, 'getLocal'>): boolean {
  return store.getLocal(PUT_BACK) === '1';
}
/** The others have told what they have, or nobody is there to tell. */
export function endPutBack(store: Store): void {
  store.transaction(() => store.setLocal(PUT_BACK, '0'));
}

/** Null where the life goes on. */
function reasonOf(
  found: Readonly<Record<'elsewhere' | 'forked' | 'isItself' | 'isCutShort', boolean>>,
): LifeReason | null {
  if (found.forked) return 'forked';
  if (found.elsewhere) return 'lived-elsewhere';
  if (!found.isItself) return 'put-back';
  return found.isCutShort ? 'cut-short' : null;
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

interface Beginning {
  readonly forked: Forked | null;
  readonly why: LifeReason;
}

/** The original may still live elsewhere, so its incarnation is not ended here. A crash in between leads to another new one. */
function newIncarnation(
  directory: DataDirectory,
  store: Store,
  old: StoredIdentity,
  beginning: Beginning,
): StoredIdentity {
  const identity = { ...old, incarnationId: idFrom<IncarnationId>(randomBytes(INCARNATION_ID_BYTES)) };
  const seed = newLogSeed();
  const keys = { logPublicKey: logPublicKey(seed), replicationPublicKey: replicationPublicKey(seed) };
  const begun = store.transaction(() => beginLog(store, old, identity, keys, beginning));
  if (isRefusal(begun)) throw new Error(`no new incarnation: ${begun.detail ?? begun.refused}`);
  directory.writeLocal('log-seed', seed.reveal());
  seed.wipe();
  writeIdentityJson(directory, identity);
  return identity;
}

/** With what is said again of the log that others have another end of. */
function beginLog(
  store: Store,
  old: StoredIdentity,
  living: StoredIdentity,
  keys: { readonly logPublicKey: string; readonly replicationPublicKey: string },
  { forked, why }: Beginning,
): null | Refusal {
  const before = old.incarnationId;
  const { incarnationId } = living;
  const tail = forked === null ? [] : store.takeBack(forked.incarnationId, forked.after);
  const beginning = beginningAfter(
    store.state.get('incarnation', before)?.createdStamp ?? lastOf(store, before),
  );
  const repeated = forked === null ? [] : repeatTail(tail, forked.incarnationId, incarnationId, beginning);
  const base = store.vector();
  const input = {
    ...keys,
    before,
    why,
    baseVector: repeated.length === 0 ? base : { ...base, [incarnationId]: repeated.length + 1 },
    ...(forked === null
      ? {}
      : { repeats: { of: forked.incarnationId, after: forked.after, entries: repeated.length } }),
  };
  const begun = commitAlone(store, living, beginIncarnation, input, undefined, beginning);
  if (isRefusal(begun)) return begun;
  // With the life itself: a start that ends in the middle may take the store for its own the next time. A log that was closed lacks nothing.
  if (why !== 'cut-short') store.setLocal(PUT_BACK, '1');
  for (const entry of repeated) store.appendEntry(incarnationId, entry);
  // Where it comes to no more than this, nobody can sign the log that has just begun: the next life says all of it again.
  if (repeated.length > 0)
    store.setLocal(FORKED, JSON.stringify({ incarnationId, after: 0 } satisfies Forked));
  return null;
}

/** Lives of the first versions may have no beginning. */
function lastOf(store: Store, incarnationId: IncarnationId): Stamp {
  return store.logStamp(incarnationId) as Stamp;
}
