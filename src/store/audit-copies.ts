/** Copies of the audit chains of other KMAs: where each begins here, how it grows and is cut, and what of any chain can be passed on. It judges no record (audit-batch.ts). */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ChainName, type ChainPlace, chainId } from '../core/audit.ts';
import type { StateView } from '../core/state.ts';
import { type AuditChains, type ChainedRecord, type CopiedRecord, genesisHash } from './audit-chain.ts';
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

  /** Whether the chain, or at least its beginning, was not written here. */
  isCopy(name: ChainName): boolean {
    return this.#keptStart(name) !== null;
  }

  /** Before the first record that is kept here, of a chain of any KMA; null where nobody can tell what was there. */
  start(name: ChainName): ChainPlace | null {
    const first = this.#chains.chain(name.incarnationId, name.term)?.firstSeq;
    const cut = this.#state.get('audit_cut', chainId(name));
    const places = [
      this.#keptStart(name),
      cut?.seq == null || cut.hash == null ? null : { seq: cut.seq, hash: cut.hash },
      { seq: 0, hash: genesisHash(name.incarnationId, name.term) },
    ].filter((place) => place !== null);
    if (first === undefined) return places[0] ?? null;
    return places.find(({ seq }) => seq === first - 1) ?? null;
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
  cut(name: ChainName, upToSeq: number): void {
    const { hash } = this.#chains.cut(name.incarnationId, name.term, upToSeq);
    this.begin(name, { seq: upToSeq, hash });
  }

  /** What can be given to one who has the chain up to `afterSeq`: from there, or from where it begins here. Null where there is nothing. */
  stretch(name: ChainName, afterSeq: number, own: boolean): Stretch | null {
    const start = this.#placeAt(name, afterSeq);
    if (start === null) return null;
    const records = this.#fitting(name, start.seq);
    if (own) return records.length === 0 ? null : { start, records, proof: null };
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
  #fitting({ incarnationId, term }: ChainName, afterSeq: number): ChainedRecord[] {
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
function charactersOf(copied: readonly CopiedRecord[]): number {
  return copied.reduce((sum, { record }) => sum + record.length, 0);
}
