/** For tests of the audit between KMAs: a real core that knows another member, whose chains the test writes and signs. It runs no replicator. */
import { newCoreAlone } from '../../../test/support/core-alone.ts';
import { type ChainName, headText } from '../../core/audit.ts';
import { created, type Fact } from '../../core/facts.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { nextHlc, stampOf } from '../../core/stamp.ts';
import type { AuditRecords } from '../../replication/audit-messages.ts';
import { logPublicKey, signText } from '../../security/log-signing.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { chainHash, genesisHash, recordText } from '../../store/audit-chain.ts';
import { verifyAudit } from '../../store/audit-verification.ts';
import { auditEntryOf } from '../../store/store.fixture.ts';
import type { AuditExchange } from './audit-exchange.ts';
import { OtherMember, PEER } from './replicated-world.fixture.ts';

/** Of the other member: the one that goes on. */
export const LATER_LIFE = 'CCCCCCCCCCCCCCCC' as IncarnationId;
/** Of this KMA, before it was put back or lost its disk. */
export const EARLIER_LIFE = 'DDDDDDDDDDDDDDDD' as IncarnationId;
/** A member that passes on what is of others. */
export const BETWEEN = 'E'.repeat(32);
export const DAY_MS = 24 * 60 * 60 * 1000;

const seed = new SecretBytes(Buffer.alloc(32, 7));
export const logKey = logPublicKey(seed);
export const lifeOf = (id: IncarnationId, kmaId: KmaId) =>
  created('incarnation', id, {
    ...{ kmaId, logPublicKey: logKey, replicationPublicKey: '', createdAt: 1 },
    ...{ reason: 'copy', clusterEpochId: '', baseVectorJson: '{}' },
  });

export const { running } = await newCoreAlone();
export const { core, audit } = running;
export const { store, self, time } = core.parts;
const other = new OtherMember(running);

/** Facts of a log, without their judgement. */
export function known(...facts: readonly Fact[]): void {
  knownBy(self.incarnationId, ...facts);
}
export function knownBy(incarnationId: IncarnationId, ...facts: readonly Fact[]): void {
  const stamp = stampOf(nextHlc(store.lastStamp(), time.nowMs()), incarnationId);
  store.transaction(() => store.appendEntry(incarnationId, { v: 1, stamp, operation: 'Test', facts }));
}
/** As the other member writes and this one takes it. */
export function write(...facts: readonly Fact[]) {
  other.write(...facts);
  return other.deliver();
}
known(lifeOf(LATER_LIFE, PEER), lifeOf(EARLIER_LIFE, self.kmaId));

/** A chain as its KMA has written it, of the life that goes on or of another. */
export class Chain {
  readonly name: ChainName;
  readonly records: string[] = [];
  readonly hashes: string[];
  signedBy: string = LATER_LIFE;

  constructor(term: ChainName['term'], incarnationId: string = LATER_LIFE) {
    this.name = { incarnationId, term };
    this.hashes = [genesisHash(incarnationId, term)];
  }

  write(count: number, createdAt = time.nowMs(), kmaId: string = PEER): this {
    for (let n = 0; n < count; n++) {
      const at = this.records.length + 1;
      const { term } = this.name;
      const kmaName = kmaId === PEER ? 'peer' : self.kmaName;
      const record = recordText(auditEntryOf(at, { kmaId, kmaName, term, createdAt: createdAt + n }));
      this.records.push(record);
      this.hashes.push(chainHash(this.hashes.at(-1) ?? '', record));
    }
    return this;
  }

  batch(afterSeq: number, count = 128): AuditRecords {
    const records = this.records.slice(afterSeq, afterSeq + count);
    return {
      start: { seq: afterSeq, hash: this.hashes[afterSeq] ?? '' },
      records,
      proof: { signedBy: this.signedBy, signature: this.signatureAt(afterSeq + records.length) },
    };
  }
  /** Its first records, signed as if so many others stood before them. */
  behind(seq: number, count: number): AuditRecords {
    const { start, records } = this.batch(0, count);
    const signature = this.signatureAt(count, seq + count);
    return { start: { ...start, seq }, records, proof: { signedBy: this.signedBy, signature } };
  }
  signatureAt(at: number, seq = at): string {
    return signText(seed, headText({ ...this.name, seq, hash: this.hashes[at] ?? '' }));
  }

  take(afterSeq: number, from: string = PEER, exchange: AuditExchange = audit) {
    return exchange.take(this.name, this.batch(afterSeq), from);
  }
  /** First and last record. */
  get here(): readonly number[] {
    const { incarnationId, term } = this.name;
    const { firstSeq = 0, lastSeq = 0 } = store.audit.chain(incarnationId, term) ?? {};
    return [firstSeq, lastSeq];
  }
  get verdict(): string | undefined {
    const { incarnationId, term } = this.name;
    return verifyAudit(store, self.kmaId).find(
      (chain) => chain.incarnationId === incarnationId && chain.term === term,
    )?.verdict;
  }
}

/** What people were told, in order. */
export const told = (condition = 'Audit of a member refused') =>
  store.database
    .prepare('SELECT message FROM audit WHERE condition = ? AND row > 0 ORDER BY row')
    .all(condition)
    .map(({ message }) => String(message));
