/** A small world for tests: facts go in as entries of a log with stamps of their own, rows come out. It has no clock. */
import { created, event, type Fact, set } from './facts.ts';
import { foldEntry } from './fold.ts';
import type {
  AgentId,
  DataUnitId,
  IncarnationId,
  KeyGroupId,
  KeyId,
  KeyPolicyId,
  KeySplitId,
  KmaId,
  ObjectId,
  RootEpochId,
} from './ids.ts';
import { MapState } from './map-state.ts';
import { type Hlc, hlc, type Stamp, stampOf } from './stamp.ts';
import type { VersionVector } from './version-vector.ts';

export const LIFE = 'A1A1A1A1A1A1A1A1' as IncarnationId;
export const OTHER_LIFE = 'B2B2B2B2B2B2B2B2' as IncarnationId;

export class FoldingWorld {
  readonly state = new MapState();
  #ms = 1;

  /** One entry later than all before; returns its stamp. */
  fold(...facts: Fact[]): Stamp {
    this.#ms += 1;
    return this.foldAt(hlc(this.#ms, 0), LIFE, ...facts);
  }

  foldAt(clock: Hlc, incarnation: IncarnationId, ...facts: Fact[]): Stamp {
    const stamp = stampOf(clock, incarnation);
    foldEntry(this.state, { v: 1, stamp, operation: 'Test', facts });
    return stamp;
  }
}

/** Facts of a key in the pool. */
export function madeKey(id: string, madeSeq: number, life: IncarnationId = LIFE, createdAt = 1000): Fact {
  return created('key', id, {
    objectId: `object-${id}` as ObjectId,
    objectSha256: 'AA',
    incarnationId: life,
    madeSeq,
    createdAt,
  });
}

export function activated(id: string, keyGroupId: string, activatedAt: number): Fact {
  return event('key', id, 'activated', {
    activatedAt,
    processOnly: 0,
    activatedByAgentId: 'AGENT' as AgentId,
    activatedKeyGroupId: keyGroupId as KeyGroupId,
  });
}

export const ROOT_EPOCH = 'ROOT' as RootEpochId;

export function coreSecurityBackup(downloaded = true): Fact[] {
  const about = {
    kmaId: 'KMA' as KmaId,
    createdAt: 1,
    rootEpochId: ROOT_EPOCH,
    keySplitId: 'SPLIT' as KeySplitId,
  };
  const id = 'core-security-backup';
  const made = created('core_security_backup', id, { ...about, fileSha256: 'AA' });
  return downloaded ? [made, event('core_security_backup', id, 'downloaded', { downloadedAt: 2 })] : [made];
}

/** A usable backup, unless the core security backup is missing. */
export function madeBackup(id: string, held: Readonly<Record<string, number>>, createdAt = 5000): Fact[] {
  return [
    created('backup', id, { kmaId: 'KMA' as KmaId, createdAt }),
    event('backup', id, 'completed', {
      rootEpochId: ROOT_EPOCH,
      vectorJson: JSON.stringify(held),
      heldVectorJson: JSON.stringify(held),
      stateHash: 'AA',
      completedAt: createdAt,
      fileBytes: 1,
      fileSha256: 'AA',
      keyFileSha256: 'AA',
    }),
    event('backup', id, 'downloaded', { downloadedAt: createdAt }),
  ];
}

export function backupDestroyed(id: string): Fact {
  return event('backup', id, 'destroyed', { destroyedAt: 9000, destroyedComment: 'shredded' });
}

export function madeLife(id: IncarnationId, kmaId = 'KMA' as KmaId, base: VersionVector = {}): Fact {
  return created('incarnation', id, {
    kmaId,
    logPublicKey: '',
    replicationPublicKey: '',
    createdAt: 1,
    reason: 'quickstart',
    clusterEpochId: 'EPOCH',
    baseVectorJson: JSON.stringify(base),
  });
}

/** What the member says who lets it in. */
export function admittedLife(id: IncarnationId, kmaId = 'KMA' as KmaId): Fact {
  return event('incarnation', id, 'admitted', {
    admittedKmaId: kmaId,
    admittedLogPublicKey: '',
    admittedReplicationKey: '',
  });
}

/** Its object is `OBJECT-` and its ID. */
export function madeSplit(id: string): Fact {
  return created('key_split', id, {
    rootEpochId: 'ROOT' as RootEpochId,
    threshold: 2,
    size: 3,
    namesJson: '[]',
    objectId: `OBJECT-${id}` as ObjectId,
    objectSha256: 'AA',
    createdAt: 1,
  });
}

/** A policy of one day and three days, and a group under it. */
export function groupWithPolicy(id: string): Fact[] {
  return [
    created('key_policy', `policy-${id}`, {
      name: `policy-${id}`,
      createdAt: 1,
      encryptionPeriodSeconds: 86_400,
      cryptoperiodSeconds: 3 * 86_400,
    }),
    created('key_group', id, { name: `name-${id}`, createdAt: 1 }),
    set('key_group', id, { keyPolicyId: `policy-${id}` as KeyPolicyId, description: `about ${id}` }),
  ];
}

export function association(dataUnitId: string, keyId: string): Fact[] {
  const id = `${dataUnitId}:${keyId}`;
  return [
    created('data_unit_key', id, { dataUnitId: dataUnitId as DataUnitId, keyId: keyId as KeyId }),
    set('data_unit_key', id, { present: 1 }),
  ];
}

export function dataUnitOf(id: string, externalUniqueId: string): Fact[] {
  return [
    created('data_unit', id, { createdAt: 1, createdBy: 'AGENT' as AgentId }),
    set('data_unit', id, { externalUniqueId, externalTag: '', description: '' }),
  ];
}
