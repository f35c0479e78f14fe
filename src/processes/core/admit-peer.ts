/** Whether a KMA that has proven the key of its certificate on port 3336 is let in: a live member, of this life of the cluster, with a life that is known or is admitted now. It opens no connection. */
import { kmaOfLife, logKeyOfLife, replicationKeyOfLife } from '../../core/life.ts';
import { isRefusal } from '../../core/refusal.ts';
import { writableVersion } from '../../core/replication-version.ts';
import { memberKeySha256 } from '../../operations/cluster/member-key.ts';
import type { Store } from '../../store/store.ts';
import { VERSION } from '../../version.ts';
import type { ReplicatorToCore } from '../replicator/messages.ts';
import type { Core } from './core.ts';
import type { Replication } from './replication.ts';

type Greeted = Pick<Extract<ReplicatorToCore, { t: 'greeted' }>, 'keySha256' | 'hello'>;
const REASON_CHARACTERS_MAX = 256;

/** Null where it is let in, else the reason. */
export async function admitPeer(
  core: Core,
  replication: Pick<Replication, 'told'>,
  greeted: Greeted,
): Promise<string | null> {
  const { store, self } = core.parts;
  const { keySha256, hello } = greeted;
  // Lives of the first versions have none.
  const epochId = store.state.get('incarnation', self.incarnationId)?.clusterEpochId ?? '';
  if (epochId !== hello.clusterEpochId)
    return 'it belongs to another life of the cluster: one of the two was restored from a backup';
  const inUse = writableVersion(store.state);
  if (hello.replicationVersion < inUse)
    return `it is too old: OpenKMA ${hello.softwareVersion} reads version ${hello.replicationVersion} of what stands in logs, and this cluster writes version ${inUse}; install OpenKMA ${VERSION} there, or a later one`;
  const isMember = memberKeySha256(store.state.get('kma', hello.kmaId)) === keySha256;
  // Already now: that its life is admitted is written too, and waits for what members say of the own log.
  if (isMember && (hello.vector[self.incarnationId] ?? 0) > store.logLength(self.incarnationId))
    replication.told(hello.incarnationId, hello.kmaId, hello.vector);
  if (isKnown(store, greeted)) return null;
  const { kmaId, incarnationId, logPublicKey, replicationPublicKey, replicationVersion } = hello;
  const answer = await core.callLocal('AdmitIncarnation', {
    keySha256,
    kmaId,
    incarnationId,
    logPublicKey,
    replicationPublicKey,
    replicationVersion,
  });
  if (isRefusal(answer)) return (answer.detail ?? answer.refused).slice(0, REASON_CHARACTERS_MAX);
  await core.committer.submit({
    decide: () => null,
    // What an earlier life confirmed to hold need not be in the store of this one.
    write: () => store.state.dropHoldings(kmaId, incarnationId),
  });
  return null;
}

/** One that comes back leaves no record. */
function isKnown({ state }: Store, { keySha256, hello }: Greeted): boolean {
  const life = state.get('incarnation', hello.incarnationId);
  if (life === undefined || life.endedStamp !== null) return false;
  return (
    memberKeySha256(state.get('kma', hello.kmaId)) === keySha256 &&
    kmaOfLife(life) === hello.kmaId &&
    logKeyOfLife(life) === hello.logPublicKey &&
    replicationKeyOfLife(life) === hello.replicationPublicKey
  );
}
