/** Where audit chains begin here, how copies of those of other KMAs grow and are cut, and what of any chain can be passed on. It judges no record (audit-batch.ts). */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ChainName, type ChainPlace, chainId } from '../core/audit.ts';
import type { StateView } from '../core/state.ts';
import {
  type AuditChains,
  type ChainedRecord,
  type CopiedRecord,
  chainHash,
  genesisHash,
  type KeptRecord,
} from './audit-chain.ts';
import { BOUND_LIMIT } from './schema.ts';

/** Of one message with records, which are stored in one commit, and of what lies between two signatures that are kept. */
export const BATCH_RECORDS_MAX = 128;
export const BATCH_CHARACTERS_MAX = 256 * 1024;

/** Who has signed the head of a chain at a place, and how. */
export interface AuditProof {
  /** A life of the KMA whose chain it is. */
  readonly signedBy: string;
  readonly signature: string;
}
export interface Stretch {
  readonly start: ChainPlace;
  readonly records: readonly ChainedRecord[];
  /** Null where whoever reads it can sign it himself. */
  readonly proof: AuditProof | null;
}

export class AuditCopies {
  readonly #chains: AuditChains;
  readonly #state: Pick<StateView, 'get'>;
  readonly #start: StatementSync;
  readonly #setStart: StatementSync;
  readonly #lastProof: StatementSync;
  readonly #proofsAfter: StatementSync;
  readonly #addProof: StatementSync;
  readonly #deleteProofAt: StatementSync;
  readonly #deleteProofs: StatementSync;

  constructor(database: DatabaseSync, chains: AuditChains, state: Pick<StateView, 'get'>) {
    const chain = 'incarnation = ? AND term = ?';
    const proof = 'SELECT seq, records, characters, signed_by, signature FROM audit_proof';
    this.#chains = chains;
    this.#state = state;
    this.#start = database.prepare(`SELECT start_seq, start_hash FROM audit_copy WHERE ${chain}`);
    this.#setStart = database.prepare(
      'REPLACE INTO audit_copy (incarnation, term, start_seq, start_hash) VALUES (?, ?, ?, ?)',
    );
    this.#lastProof = database.prepare(`${proof} WHERE ${chain} ORDER BY seq DESC LIMIT 1`);
    this.#proofsAfter = database.prepare(`${proof} WHERE ${chain} AND seq > ? ORDER BY seq ${BOUND_LIMIT}`);
    this.#addProof = database.prepare(
      `INSERT INTO audit_proof (incarnation, term, seq, records, characters, signed_by, signature)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#deleteProofAt = database.prepare(`DELETE FROM audit_proof WHERE ${chain} AND seq = ?`);
    this.#deleteProofs = database.prepare(`DELETE FROM audit_proof WHERE ${chain} AND seq <= ?`);
  }

  /** Whether the chain, or at least its beginning, was not written here. Where nothing is left of it nobody can tell, and its records are missed. */
  isCopy(name: ChainName): boolean {
    return this.#first(name)?.isOwn === false;
  }

  /**
   * Before the first record that is kept here, of a chain of any KMA; null where nobody can tell what was there. What is
   * kept here of it counts first: a fact of a cut any member may write, so it must fit the record behind it.
   */
  start(name: ChainName): ChainPlace | null {
    const first = this.#first(name);
    const kept = this.#keptStart(name);
    const cut = this.#toldCut(name);
    const genesis = { seq: 0, hash: genesisHash(name.incarnationId, name.term) };
    if (first === undefined) return kept ?? cut ?? genesis;
    const fitting = cut !== null && chainHash(cut.hash, first.record) === first.hash ? cut : null;
    return [kept, fitting, genesis].find((place) => place?.seq === first.seq - 1) ?? null;
  }

  /** Inside a transaction: records behind the last one here, whose end is signed. A signature close behind the one before takes its place. */
  append(name: ChainName, copied: readonly CopiedRecord[], proof: AuditProof): void {
    const { incarnationId, term } = name;
    const seq = copied.at(-1)?.seq;
    if (seq === undefined) return;
    this.#chains.appendCopies(incarnationId, copied);
    const last = this.#lastProof.get(incarnationId, term);
    const [lastSeq, charactersBefore] = [Number(last?.['seq'] ?? 0), Number(last?.['characters'] ?? 0)];
    const between = { records: copied.length, characters: charactersOf(copied) };
    const joined = {
      records: seq - lastSeq + Number(last?.['records'] ?? 0),
      characters: between.characters + charactersBefore,
    };
    const isClose =
      last !== undefined && joined.records <= BATCH_RECORDS_MAX && joined.characters <= BATCH_CHARACTERS_MAX;
    if (isClose) this.#deleteProofAt.run(incarnationId, term, lastSeq);
    const { records, characters } = isClose ? joined : between;
    this.#addProof.run(incarnationId, term, seq, records, characters, proof.signedBy, proof.signature);
  }

  /** The last one that is kept, and where. */
  lastProof({ incarnationId, term }: ChainName): (AuditProof & { readonly seq: number }) | null {
    return proofOf(this.#lastProof.get(incarnationId, term));
  }

  /** Inside a transaction: the copy begins at this place. What was here before has gone. */
  begin({ incarnationId, term }: ChainName, { seq, hash }: ChainPlace): void {
    this.#setStart.run(incarnationId, term, seq, hash);
    this.#deleteProofs.run(incarnationId, term, seq);
  }

  /** Inside a transaction: up to this record it goes; the last one stays, as in every chain. */
  cut(name: ChainName, upToSeq: number): { hash: string; records: number } {
    const cut = this.#chains.cut(name.incarnationId, name.term, upToSeq);
    this.begin(name, { seq: upToSeq, hash: cut.hash });
    return cut;
  }

  /** Inside a transaction, a piece of so many records each time, after which what is left is a chain: whether nothing of before is left, and it begins at this place. */
  beginAnew(name: ChainName, place: ChainPlace, piece: number): boolean {
    const { incarnationId, term } = name;
    const last = this.#chains.head(incarnationId, term)?.seq;
    const through = this.#chains.frontEnd(incarnationId, term, piece);
    const isLast = through === undefined || through === last;
    if (isLast) {
      this.#chains.clear(incarnationId, term);
      this.begin(name, place);
    } else this.cut(name, through);
    return isLast;
  }

  /** Inside a transaction, in a store that another KMA has given: what it wrote is a copy here like all the rest, and where each chain begins is known here whatever facts say later. */
  adopt(): void {
    for (const chain of this.#chains.chains()) {
      const start = this.start(chain);
      if (start !== null) this.#setStart.run(chain.incarnationId, chain.term, start.seq, start.hash);
    }
    this.#chains.disown();
  }

  /** What can be given to one who has the chain up to `afterSeq`: from there, or from where it begins here. Null where there is nothing. `own`: of this KMA, which signs what it has written here, and nothing that came back to it. */
  stretch(name: ChainName, afterSeq: number, own: boolean): Stretch | null {
    const start = this.#placeAt(name, afterSeq);
    if (start === null) return null;
    const records = this.#fitting(name, start.seq);
    const written = own ? writtenHere(records) : [];
    if (written.length > 0) return { start, records: written, proof: null };
    const proof = this.#farthestProof(name, start.seq, records.at(-1)?.seq ?? 0);
    if (proof === null) return null;
    return { start, records: records.filter(({ seq }) => seq <= proof.seq), proof };
  }

  #placeAt(name: ChainName, afterSeq: number): ChainPlace | null {
    const start = this.start(name);
    if (start === null || afterSeq <= start.seq) return start;
    const hash = this.#chains.hashAt(name.incarnationId, name.term, afterSeq);
    return hash === undefined ? null : { seq: afterSeq, hash };
  }

  /** The first that fit one message; what lies between two signatures always does. One that is longer than a message stays where it is. */
  #fitting({ incarnationId, term }: ChainName, afterSeq: number): KeptRecord[] {
    const records = this.#chains.records(incarnationId, term, afterSeq, BATCH_RECORDS_MAX);
    let characters = 0;
    const end = records.findIndex(({ record }) => {
      characters += record.length;
      return characters > BATCH_CHARACTERS_MAX;
    });
    return end < 0 ? records : records.slice(0, end);
  }

  #farthestProof(name: ChainName, afterSeq: number, throughSeq: number) {
    const found = this.#proofsAfter
      .all(name.incarnationId, name.term, afterSeq, BATCH_RECORDS_MAX)
      .findLast(({ seq }) => Number(seq) <= throughSeq);
    return proofOf(found);
  }

  #first({ incarnationId, term }: ChainName): KeptRecord | undefined {
    return this.#chains.records(incarnationId, term, 0, 1)[0];
  }

  #toldCut(name: ChainName): ChainPlace | null {
    const cut = this.#state.get('audit_cut', chainId(name));
    return cut?.seq == null || cut.hash == null ? null : { seq: cut.seq, hash: cut.hash };
  }

  #keptStart({ incarnationId, term }: ChainName): ChainPlace | null {
    const kept = this.#start.get(incarnationId, term);
    return kept === undefined ? null : { seq: Number(kept['start_seq']), hash: String(kept['start_hash']) };
  }
}

function proofOf(found: Record<string, unknown> | undefined): (AuditProof & { readonly seq: number }) | null {
  if (found === undefined) return null;
  const { seq, signed_by: signedBy, signature } = found;
  return { seq: Number(seq), signedBy: String(signedBy), signature: String(signature) };
}
/** So many of them from the front. */
function writtenHere(records: readonly KeptRecord[]): readonly KeptRecord[] {
  const end = records.findIndex(({ isOwn }) => !isOwn);
  return end < 0 ? records : records.slice(0, end);
}
function charactersOf(copied: readonly CopiedRecord[]): number {
  return copied.reduce((sum, { record }) => sum + record.length, 0);
}
