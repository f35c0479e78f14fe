/** For tests of replication in a real core: its store knows another member, whose entries and objects the test writes. It runs no replicator. */
import { created, type Fact, type LogEntry } from '../../core/facts.ts';
import { admittedLife, madeLife } from '../../core/folding.fixture.ts';
import type { IncarnationId, KmaId, ObjectId } from '../../core/ids.ts';
import { readSetting } from '../../core/settings.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import type { VersionVector } from '../../core/version-vector.ts';
import type { SealedObject } from '../../replication/peer-messages.ts';
import { sha256Hex } from '../../security/sealing.ts';
import type { RunningCore } from './open-core.ts';
import type { Applied } from './replication.ts';

export const PEER_LIFE = 'BBBBBBBBBBBBBBBB' as IncarnationId;
export const PEER = 'B'.repeat(32) as KmaId;

/** The other member, as its log and its objects are. */
export class OtherMember {
  readonly #running: RunningCore;
  readonly #counter = { ms: 0 };
  readonly blocks: Uint8Array[] = [];

  /** Entered and admitted by this KMA; its life began with so much of each log from a snapshot. */
  constructor(running: RunningCore, base: VersionVector = {}) {
    this.#running = running;
    const { store, self, time } = running.core.parts;
    const facts = [
      created('kma', PEER, { name: 'peer', createdAt: 1, number: 2 }),
      admittedLife(PEER_LIFE, PEER),
    ];
    const stamp = stampOf(hlc(time.nowMs(), 1), self.incarnationId);
    store.transaction(() => store.appendEntry(self.incarnationId, { v: 1, stamp, operation: 'Test', facts }));
    this.write(madeLife(PEER_LIFE, PEER, base));
  }

  /** One entry, some milliseconds ahead of this KMA's clock. */
  write(...facts: readonly Fact[]): LogEntry {
    this.#counter.ms = Math.max(this.#counter.ms + 1, this.#running.core.parts.time.nowMs() + 1_000);
    const stamp = stampOf(hlc(this.#counter.ms, 0), PEER_LIFE);
    const entry: LogEntry = { v: 1, stamp, operation: 'Test', facts };
    this.blocks.push(Buffer.from(JSON.stringify(entry)));
    return entry;
  }

  makeKey(id: string): SealedObject {
    const epoch = readSetting(this.#running.core.parts.store.state, 'currentMasterEpochId') ?? '';
    const object = { ...objectOf(id), epoch };
    this.write(
      created('key', id, {
        objectId: object.id as ObjectId,
        objectSha256: sha256Hex(object.bytes),
        incarnationId: PEER_LIFE,
        madeSeq: this.blocks.length + 1,
        createdAt: 1,
      }),
    );
    return object;
  }

  /** All that is not folded yet. */
  deliver(): Promise<Applied> {
    const after = this.#running.core.parts.store.logLength(PEER_LIFE);
    return this.#running.replication.apply(PEER_LIFE, after, this.blocks.slice(after));
  }
}

export function objectOf(keyId: string): SealedObject {
  const id = sha256Hex(Buffer.from(keyId)).slice(0, 32);
  const bytes = Buffer.from(`sealed ${keyId}`);
  return { id, class: 'root-sealed', kind: 'key', owner: keyId, epoch: '', bytes };
}

/** Until it is true; a test that waits in vain ends with its time. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
