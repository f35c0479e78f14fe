/** The audit between KMAs, as the core has it: says which chains are here, gives their records with a signature, takes those of others once they are judged. Nobody waits for it, and it talks to nobody. */
import { type ChainName, chainId, headText, RETENTION_TERMS } from '../../core/audit.ts';
import { kmaOfIncarnation, kmaOfLife, logKeyOfLife } from '../../core/life.ts';
import { isLive } from '../../core/live.ts';
import type { AuditRecords, HeldChain } from '../../replication/audit-messages.ts';
import { signText } from '../../security/log-signing.ts';
import { readLogSeed } from '../../setup/local-identity.ts';
import { judgeBatch } from '../../store/audit-batch.ts';
import type { ChainHead, CopiedRecord } from '../../store/audit-chain.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import type { Core } from './core.ts';
import { logFailure } from './failure.ts';

/** In one commit: agents wait for it. */
const DROPPED_RECORDS = 500;

/** What a batch came to. */
export interface AuditTaken {
  /** Of the chain, as it is here now. */
  readonly lastSeq: number;
  /** Why it is nothing that its KMA has written and signed, or does not go on from what is here. */
  readonly refused: string | null;
}

export class AuditExchange {
  readonly #core: Core;
  readonly #directory: DataDirectory;
  readonly #trouble: (condition: string, details: string) => void;
  /** Chains of others and of earlier lives change only here. Empty until somebody asks. */
  readonly #held = new Map<string, HeldChain>();
  /** By chain, what was last told to be wrong with it. */
  readonly #troubles = new Map<string, string>();

  constructor(core: Core, directory: DataDirectory, trouble: (condition: string, details: string) => void) {
    this.#core = core;
    this.#directory = directory;
    this.#trouble = trouble;
  }

  /** All chains that are here. */
  held(): readonly HeldChain[] {
    const { store, self } = this.#core.parts;
    const { incarnationId } = self;
    return this.#guarded([], () => {
      if (this.#held.size === 0) for (const chain of store.audit.chains()) this.#note(chain, chain.lastSeq);
      for (const term of RETENTION_TERMS)
        this.#note({ incarnationId, term }, store.audit.head(incarnationId, term)?.seq ?? 0);
      return [...this.#held.values()];
    });
  }

  /** Null where there is nothing to give. Of the own chains the end is signed now, with the key of this life; the others came with a signature. */
  read(name: ChainName, afterSeq: number): AuditRecords | null {
    return this.#core.parts.health.stopped ? null : this.#guarded(null, () => this.#read(name, afterSeq));
  }

  #read(name: ChainName, afterSeq: number): AuditRecords | null {
    const { store, self } = this.#core.parts;
    const isOwn = kmaOfIncarnation(store.state, name.incarnationId) === self.kmaId;
    const stretch = store.auditCopies.stretch(name, afterSeq, isOwn);
    const end = stretch?.records.at(-1);
    if (stretch === null || end === undefined) return null;
    const proof = stretch.proof ?? { signedBy: self.incarnationId, signature: this.#signed(name, end) };
    return {
      start: stretch.start,
      records: stretch.records.map(({ record }) => record),
      proof: { signedBy: proof.signedBy, signature: proof.signature },
    };
  }

  /** `from`: the member that brought it. */
  async take(name: ChainName, batch: AuditRecords, from: string): Promise<AuditTaken> {
    const { store, health } = this.#core.parts;
    try {
      const refused = this.#mayWrite() ? await this.#taken(name, batch, from) : null;
      const lastSeq = store.audit.head(name.incarnationId, name.term)?.seq ?? 0;
      if (this.#held.size > 0) this.#note(name, lastSeq);
      if (refused !== null) this.#tell(name, from, refused);
      else this.#troubles.delete(chainId(name));
      return { lastSeq, refused };
    } catch (error) {
      health.noteFailure(error);
      logFailure(error, 'audit of another KMA');
      return { lastSeq: 0, refused: null };
    }
  }

  async #taken(name: ChainName, batch: AuditRecords, from: string): Promise<string | null> {
    const { store, self } = this.#core.parts;
    const kmaId = kmaOfIncarnation(store.state, name.incarnationId);
    const signer = store.state.get('incarnation', batch.proof.signedBy);
    const kmaName = kmaId === null ? null : store.state.get('kma', kmaId)?.name;
    // Whose chain it is, and who has signed, comes with the logs.
    if (kmaId === null || kmaName == null || signer === undefined) return null;
    if (name.incarnationId === self.incarnationId) return 'this KMA writes that chain itself';
    if (kmaOfLife(signer) !== kmaId) return 'it is signed by another KMA';
    const here = store.audit.head(name.incarnationId, name.term);
    const { start } = batch;
    // Another member has brought it meanwhile.
    if (here !== undefined && start.seq < here.seq) return null;
    const owner = { kmaId, kmaName, logPublicKey: logKeyOfLife(signer) ?? '' };
    const judged = judgeBatch(name, batch, owner);
    if (typeof judged === 'string') return judged;
    if (start.seq === here?.seq && start.hash !== here.hash)
      return `record ${here.seq} is another one there than it was when it came here`;
    if (start.seq !== here?.seq) {
      if (here !== undefined && !this.#mayBeginAt(name, start.seq, kmaId, from)) return null;
      await this.#begin(name, batch);
    }
    await this.#append(name, judged, batch);
    return null;
  }

  /** What lies between is gone for good: its KMA says so, in its log or itself, or it is a member no more, and others keep what they keep. */
  #mayBeginAt(name: ChainName, seq: number, kmaId: string, from: string): boolean {
    const { state } = this.#core.parts.store;
    return (
      (state.get('audit_cut', chainId(name))?.seq ?? 0) >= seq ||
      from === kmaId ||
      !isLive(state.get('kma', kmaId))
    );
  }

  /** What is here of it goes in as many commits as keep agents from waiting. */
  async #begin(name: ChainName, { start }: AuditRecords): Promise<void> {
    const { store } = this.#core.parts;
    const drop = () => store.audit.dropCopy(name.incarnationId, name.term, DROPPED_RECORDS);
    const beginWhereEmpty = () => {
      const empty = drop();
      if (empty) store.auditCopies.begin(name, start);
      return empty;
    };
    while (!(await this.#write(beginWhereEmpty)));
  }

  /** In one commit, so that what is here of a chain always ends where it was signed. */
  async #append(
    name: ChainName,
    judged: readonly CopiedRecord[],
    { start, proof }: AuditRecords,
  ): Promise<void> {
    const { store } = this.#core.parts;
    await this.#write(() => {
      const last = store.audit.head(name.incarnationId, name.term)?.seq ?? start.seq;
      if (last === start.seq) store.auditCopies.append(name, judged, proof);
    });
  }

  /** A damaged store keeps the audit from others, and nothing else. */
  #guarded<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#core.parts.health.noteFailure(error);
      logFailure(error, 'audit for other KMAs');
      return otherwise;
    }
  }

  #write<T>(write: () => T): Promise<T> {
    return this.#core.committer.submit({ decide: () => null, write });
  }

  #mayWrite(): boolean {
    const { health, restore } = this.#core.parts;
    return !restore.built && health.obstacle({ changes: true }) === null;
  }

  #signed(name: ChainName, { seq, hash }: ChainHead): string {
    const seed = readLogSeed(this.#directory);
    const signature = signText(seed, headText({ ...name, seq, hash }));
    seed.wipe();
    return signature;
  }

  #note({ incarnationId, term }: ChainName, lastSeq: number): void {
    if (lastSeq > 0) this.#held.set(chainId({ incarnationId, term }), { incarnationId, term, lastSeq });
  }

  /** Once, until it is another thing or over. */
  #tell(name: ChainName, from: string, reason: string): void {
    const id = chainId(name);
    if (this.#troubles.get(id) === reason) return;
    this.#troubles.set(id, reason);
    const { state } = this.#core.parts.store;
    const nameOf = (kmaId: string | null) => (kmaId === null ? '' : (state.get('kma', kmaId)?.name ?? kmaId));
    const kma = nameOf(kmaOfIncarnation(state, name.incarnationId));
    this.#trouble('Audit of a member refused', `kma=${kma} chain=${id} from=${nameOf(from)}: ${reason}`);
  }
}
