/** Makes the data directory of a KMA that joins from the copy of a member's store, once the quorum's credentials open the key split in it. They are used here alone; nothing is left where they do not. */
import { X509Certificate } from 'node:crypto';
import { renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { CATCHES_UP } from '../core/catching-up.ts';
import type { KmaId } from '../core/ids.ts';
import { keySplitAt } from '../core/key-split-standing.ts';
import { isLive } from '../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import { memberKeySha256 } from '../operations/cluster/member-key.ts';
import { otherThanEntered } from '../operations/entered-addresses.ts';
import { joinCluster } from '../operations/incarnations.ts';
import type { Credential } from '../operations/operation.ts';
import type { MINIMUM_TLS } from '../operations/quickstart.ts';
import { openKeySplit } from '../security/key-split.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { DataDirectory } from '../store/data-directory.ts';
import { stateHash } from '../store/state-hash.ts';
import { openStore, type Store } from '../store/store.ts';
import { enableAutonomousUnlock } from './autonomous-unlock-files.ts';
import type { LocalIdentity } from './foundation.ts';
import { writeIdentity } from './local-identity.ts';
import { buildDataDirectory } from './new-data-directory.ts';
import { reachObjection } from './reachable-addresses.ts';
import { runAlone } from './run-alone.ts';

export interface JoinedRequest {
  readonly dataDirectory: string;
  /** It is moved away from there. */
  readonly basePath: string;
  /** As the member said it. */
  readonly kmaId: string;
  readonly stateHash: string;
  readonly memberKeySha256: string;
  readonly caPem: string;
  readonly kmaName: string;
  readonly identity: LocalIdentity;
  readonly quorum: readonly Credential[];
  readonly minimumTls: (typeof MINIMUM_TLS)[number];
  readonly serviceAddress: string;
  readonly managementAddress: string;
  readonly autonomousUnlock: boolean;
  /** Locked until a quorum unlocks it, whatever autonomous unlocking says. */
  readonly keepLocked: boolean;
  readonly step: (text: string) => void;
}
export interface Joined {
  readonly kmaId: string;
  readonly stateHash: string;
}

export async function makeJoinedDirectory(request: JoinedRequest): Promise<Joined | Refusal> {
  request.step('checking the copy');
  const store = openStore({ path: request.basePath, mode: 'write' });
  let root: SecretBytes | Refusal;
  try {
    const wrong = objectionTo(store, request);
    if (wrong !== null) return refuse('JOIN_FAILED', wrong);
    request.step('opening the key split with the quorum');
    root = await openRoot(store, request.quorum);
    if (isRefusal(root)) return root;
  } finally {
    store.close();
  }
  const rootKeyMaterial = root;
  try {
    return await buildDataDirectory(request.dataDirectory, (directory) =>
      settle(directory, rootKeyMaterial, request),
    );
  } finally {
    rootKeyMaterial.wipe();
  }
}

/** The member may be an agent that has a certificate too, or give the copy of another cluster. */
function objectionTo(store: Store, request: JoinedRequest): string | null {
  const { state } = store;
  if (stateHash(store) !== request.stateHash) return 'the state of the copy is not the one of the member';
  const ca = state.get('certificate_authority', 'root')?.certificatePem;
  if (ca == null || keyOf(ca) !== keyOf(request.caPem))
    return 'the copy is of a cluster with another root CA';
  const kma = state.get('kma', request.kmaId);
  if (!isLive(kma) || kma?.name !== request.kmaName) return `the copy knows no ${request.kmaName}`;
  if (memberOf(store, request.memberKeySha256) === undefined) return 'no member of the copy gave it';
  return unreachableOf(store, request) ?? otherThanEntered(request.kmaName, request, kma);
}

/** Each KMA dials those with lower IDs at the address that their entry has. */
function unreachableOf({ state }: Store, request: JoinedRequest): string | null {
  const members = state
    .page('kma', '', KMAS_MAX)
    .filter((kma) => kma.id !== request.kmaId && memberKeySha256(kma) !== '')
    .map((kma) => ({
      what: `the management address of the member ${kma.name} ("kma member modify" changes it)`,
      address: kma.managementAddress ?? '',
    }));
  const own = { what: 'the management address of this KMA', address: request.managementAddress };
  return reachObjection([own], members);
}

const keyOf = (pem: string) => new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' });

/** Far more than a cluster has. */
const KMAS_MAX = 1_000;
const LIVES_MAX = 10_000;

function memberOf({ state }: Store, keySha256: string): string | undefined {
  return state.page('kma', '', KMAS_MAX).find((kma) => memberKeySha256(kma) === keySha256)?.id;
}

/** Of the last life of the member. */
function epochOf(store: Store, keySha256: string): string {
  const lives = store.state
    .scan('incarnation', 'kma', { equals: [memberOf(store, keySha256) ?? ''], limit: LIVES_MAX })
    .filter(({ createdStamp }) => createdStamp !== null)
    .sort((a, b) => ((a.createdStamp ?? '') < (b.createdStamp ?? '') ? -1 : 1));
  return lives.at(-1)?.clusterEpochId ?? '';
}

async function openRoot(store: Store, quorum: readonly Credential[]): Promise<SecretBytes | Refusal> {
  const objectId = keySplitAt(store.state, (id) => store.hasObject(id))?.objectId;
  const object = objectId == null ? undefined : store.getObject(objectId);
  if (object === undefined) return refuse('JOIN_FAILED', 'the copy has no key split');
  return openKeySplit(object.bytes, quorum);
}

async function settle(
  directory: DataDirectory,
  rootKeyMaterial: SecretBytes,
  request: JoinedRequest,
): Promise<Joined | Refusal> {
  request.step('making the data directory');
  renameSync(request.basePath, directory.databasePath);
  const { kmaId } = request;
  const identity = { ...request.identity, kmaId: kmaId as KmaId };
  const store = openStore({ path: directory.databasePath, mode: 'write' });
  try {
    const refused = beginLife(store, identity, request);
    if (refused !== null) return refused;
    store.checkpointTruncate();
  } finally {
    store.close();
  }
  writeIdentity(directory, identity, request.kmaName);
  if (request.autonomousUnlock) enableAutonomousUnlock(directory, rootKeyMaterial);
  return { kmaId, stateHash: request.stateHash };
}

function beginLife(store: Store, identity: LocalIdentity, request: JoinedRequest): Refusal | null {
  const { kmaName, minimumTls, serviceAddress, managementAddress } = request;
  const { kmaId, incarnationId, logPublicKey, replicationPublicKey } = identity;
  store.transaction(() => {
    store.missing.findAll(store.state, Date.now());
    store.auditCopies.adopt();
    store.setLocal(CATCHES_UP, '1');
    if (request.keepLocked) store.setLocal('locked', '1');
  });
  const input = {
    ...{ logPublicKey, replicationPublicKey, minimumTls, serviceAddress, managementAddress },
    baseVector: store.vector(),
    clusterEpochId: epochOf(store, request.memberKeySha256),
    hostName: hostname(),
  };
  const begun = runAlone(store, { kmaId, incarnationId, kmaName }, joinCluster, input, undefined);
  return isRefusal(begun) ? begun : null;
}
