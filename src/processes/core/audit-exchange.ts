/** The audit between KMAs, as the core has it: says which chains are here, gives their records with a signature, takes those of others once they are judged. Nobody waits for it, and it talks to nobody. */
import { type ChainName, chainId, headText, RETENTION_TERMS } from '../../core/audit.ts';
import { signerOf, wentOnTwice } from '../../core/audit-trust.ts';
import { isOfRemoved, kmaOfIncarnation, logKeyOfLife } from '../../core/life.ts';
import { OpenKmaError } from '../../errors.ts';
import type { AuditRecords, HeldChain } from '../../replication/audit-messages.ts';
import { signText } from '../../security/log-signing.ts';
import { readLogSeed } from '../../setup/local-identity.ts';
import { judgeBatch } from '../../store/audit-batch.ts';
import type { ChainHead, CopiedRecord } from '../../store/audit-chain.ts';
import type { DataDirectory } from '../../store/data-directory.ts';
import { asStoreError } from '../../store/database.ts';
import type { AuditAlarms } from './audit-alarms.ts';
import { dueAltogether, gapText } from './audit-gap.ts';
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

/** Null where nothing was refused. */
type Outcome = {
  readonly refused: string;
  /** `once`: as long as this store is. `never`: an honest member may give it. */
  readonly told: 'each hour' | 'once' | 'never';
} | null;

const refusal = (refused: string): Outcome => ({ refused, told: 'each hour' });

export class AuditExchange {
  readonly #core: Core;
  readonly #directory: DataDirectory;
  readonly #alarms: AuditAlarms;
  /** Chains of others and of earlier lives change only here. Empty until somebody asks. */
  readonly #held = new Map<string, HeldChain>();

  constructor(core: Core, directory: DataDirectory, alarms: AuditAlarms) {
    this.#core = core;
    this.#directory = directory;
    this.#alarms = alarms;
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

  /** Null where there is nothing to give. What was written here is signed now, with the key of this life; all else came with a signature. */
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
      const outcome = this.#mayWrite() ? await this.#taken(name, batch, from) : null;
      const lastSeq = store.audit.head(name.incarnationId, name.term)?.seq ?? 0;
      if (this.#held.size > 0) this.#note(name, lastSeq);
      if (outcome !== null) await this.#tellRefused(name, from, outcome);
      return { lastSeq, refused: outcome?.refused ?? null };
    } catch (error) {
      health.noteFailure(error);
      logFailure(error, 'audit of another KMA');
      return { lastSeq: 0, refused: null };
    }
  }

  async #taken(name: ChainName, batch: AuditRecords, from: string): Promise<Outcome> {
    const { store, self } = this.#core.parts;
    const signer = signerOf(store.state, name.incarnationId, batch.proof.signedBy, from);
    if (signer === 'not known') return null;
    if (name.incarnationId === self.incarnationId) return refusal('this KMA writes that chain itself');
    if (signer === 'another KMA') return refusal('it is signed by another KMA');
    if (signer === 'later life')
      return { refused: 'a later life has signed it, for which its KMA alone may speak', told: 'never' };
    const owner = this.#ownerOf(name, batch.proof.signedBy);
    const { start } = batch;
    const here = store.audit.head(name.incarnationId, name.term);
    // Its name comes with the logs; and another member may have brought it meanwhile.
    if (owner === null || (here !== undefined && start.seq < here.seq)) return null;
    const judged = judgeBatch(name, batch, owner);
    if (typeof judged === 'string') return refusal(judged);
    if (start.seq === here?.seq) {
      if (start.hash !== here.hash) return this.#otherEnd(name, here);
    } else if (here !== undefined) {
      const kept = await this.#keptAtGap(name, here, batch, from);
      if (kept !== null) return kept;
    }
    await this.#append(name, here, judged, batch);
    return null;
  }

  #ownerOf({ incarnationId }: ChainName, signedBy: string) {
    const { state } = this.#core.parts.store;
    const kmaId = kmaOfIncarnation(state, incarnationId);
    const signer = state.get('incarnation', signedBy);
    const kmaName = kmaId === null ? null : state.get('kma', kmaId)?.name;
    if (kmaId === null || signer === undefined || kmaName == null) return null;
    return { kmaId, kmaName, logPublicKey: logKeyOfLife(signer) ?? '' };
  }

  #otherEnd({ incarnationId }: ChainName, { seq }: ChainHead): Outcome {
    const { store } = this.#core.parts;
    if (!wentOnTwice(store.state, incarnationId, store.logLength(incarnationId)))
      return refusal(`record ${seq} is another one there than it was when it came here`);
    return {
      refused: `record ${seq} is another one there: this life of its KMA went on twice, and each member keeps the records that it has`,
      told: 'once',
    };
  }

  /** Null where nothing of what is here is worth keeping: others may bring what lies between, and the own retention alone takes what is here. */
  async #keptAtGap(
    name: ChainName,
    here: ChainHead,
    { start, records, proof }: AuditRecords,
    from: string,
  ): Promise<Outcome> {
    const { store, self } = this.#core.parts;
    const gap = gapText(here, start);
    // Of what this KMA has written nothing goes but by a cut, which is recorded.
    if (kmaOfIncarnation(store.state, name.incarnationId) === self.kmaId)
      return { refused: `${gap}; this KMA keeps what it has`, told: 'never' };
    // A member may invent a life of another KMA: how far a chain goes the life of the chain alone says.
    const signedSeq = proof.signedBy === name.incarnationId ? start.seq + records.length : 0;
    const due = await dueAltogether(this.#core, name, signedSeq);
    if (due === null) {
      const isLastToAsk =
        from === kmaOfIncarnation(store.state, name.incarnationId) ||
        isOfRemoved(store.state, name.incarnationId);
      return {
        refused: `${gap}, which another member may have; what is here stays`,
        told: isLastToAsk ? 'each hour' : 'never',
      };
    }
    // So much may follow because the KMA was taken over and has signed it, at once.
    if (due === 'by number')
      this.#tell(name, from, 'Audit of a member has a gap', `${gap}; of before as many as are kept followed`);
    return null;
  }

  /** In one commit, so that what is here of a chain always ends where it was signed. What is here of a chain that begins elsewhere goes before, in as many as keep agents from waiting. */
  async #append(
    name: ChainName,
    here: ChainHead | undefined,
    judged: readonly CopiedRecord[],
    { start, proof }: AuditRecords,
  ): Promise<void> {
    const { audit, auditCopies } = this.#core.parts.store;
    const write = () => {
      // Another member may have brought some meanwhile.
      if (audit.head(name.incarnationId, name.term)?.seq !== here?.seq) return true;
      if (here?.seq !== start.seq && !auditCopies.beginAnew(name, start, DROPPED_RECORDS)) return false;
      auditCopies.append(name, judged, proof);
      return true;
    };
    while (!(await this.#write(write)));
  }

  /** A damaged store keeps the audit from others, and nothing else. */
  #guarded<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#core.parts.health.noteFailure(error);
      // It is looked at every second. Trouble of the store has its line from Health, once.
      if (!(asStoreError(error) instanceof OpenKmaError)) logFailure(error, 'audit for other KMAs');
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

  async #tellRefused(name: ChainName, from: string, outcome: NonNullable<Outcome>): Promise<void> {
    if (outcome.told === 'never') return;
    const { store } = this.#core.parts;
    const local = `auditWentOnTwice ${chainId(name)}`;
    if (outcome.told === 'once' && store.getLocal(local) === '1') return;
    const isTold = this.#tell(name, from, 'Audit of a member refused', outcome.refused);
    if (isTold && outcome.told === 'once') await this.#write(() => store.setLocal(local, '1'));
  }

  #tell(name: ChainName, from: string, condition: string, what: string): boolean {
    const { state } = this.#core.parts.store;
    const chain = chainId(name);
    const nameOf = (kmaId: string | null) => (kmaId === null ? '' : (state.get('kma', kmaId)?.name ?? kmaId));
    const kma = nameOf(kmaOfIncarnation(state, name.incarnationId));
    return this.#alarms.tell(
      { chain, from },
      condition,
      `kma=${kma} chain=${chain} from=${nameOf(from)}: ${what}`,
    );
  }
}
