/** Walks along one audit chain from its first kept record, in steps, and stops at the first record that is not as it was written. It judges no signature. */
import { type ChainName, type ChainPlace, chainId } from '../core/audit.ts';
import type { Row } from '../core/tables.ts';
import { type AuditEntry, chainHash, genesisHash } from './audit-chain.ts';
import { isOwnWord } from './audit-word.ts';
import { BOUND_LIMIT } from './schema.ts';
import type { Store } from './store.ts';

/** Of one step: some milliseconds, for which all others that ask of the store wait. */
export const STEP_RECORDS = 500;
/** The same, where records are long. */
export const STEP_CHARACTERS = 512 * 1024;

interface StoredRecord {
  readonly seq: number;
  readonly hash: string;
  readonly record: string;
  readonly [column: string]: unknown;
}
/** A chain, and what facts say of it. */
export interface ToldChain extends ChainName {
  readonly kmaId: string | null;
  /** Records of another KMA come a little later, and go by the own retention too. */
  readonly isCopy: boolean;
  readonly head: ChainPlace | null;
}

/** What facts said when it began counts to the end. Records that come meanwhile are looked at too, and those that retention takes meanwhile are not missed. */
export class AuditWalk {
  readonly #store: Store;
  readonly #told: ToldChain;
  #start: ChainPlace;
  #last: ChainPlace;
  #firstSeq = 0;
  #records = 0;
  #deviation: string | undefined;

  constructor(store: Store, told: ToldChain) {
    this.#store = store;
    this.#told = told;
    this.#start = startOf(store, told);
    this.#last = this.#start;
  }

  /** Before the first kept record. */
  get start(): ChainPlace {
    return this.#start;
  }
  /** The last record found in order. */
  get last(): ChainPlace {
    return this.#last;
  }
  get firstSeq(): number {
    return this.#firstSeq;
  }
  get records(): number {
    return this.#records;
  }
  get deviation(): string | undefined {
    return this.#deviation;
  }

  /** The next records, in one read of the store. True where that was the end, as the store is in this read. */
  step(): boolean {
    this.#followCut();
    const { incarnationId, term } = this.#told;
    // What stands before the beginning is looked at too: it should have gone.
    const afterSeq = this.#records === 0 ? -1 : this.#last.seq;
    let looked = 0;
    let characters = 0;
    const found = this.#store.statements.prepare(SQL);
    for (const one of found.iterate(incarnationId, term, afterSeq, STEP_RECORDS) as Iterable<unknown>) {
      const record = one as StoredRecord;
      looked += 1;
      characters += record.record.length;
      if (this.#records === 0) this.#firstSeq = record.seq;
      this.#deviation = recordDeviation(record, this.#told, this.#last);
      if (this.#deviation !== undefined) return true;
      this.#last = { seq: record.seq, hash: record.hash };
      this.#records += 1;
      if (characters >= STEP_CHARACTERS) return false;
    }
    return looked < STEP_RECORDS;
  }

  /** Where more was cut meanwhile than was looked at, the chain begins there now. */
  #followCut(): void {
    if (this.#records === 0) return;
    const first = this.#store.audit.chain(this.#told.incarnationId, this.#told.term)?.firstSeq;
    if (first === undefined || first <= this.#last.seq + 1) return;
    const start = startOf(this.#store, this.#told);
    if (start.seq <= this.#last.seq) return;
    this.#start = start;
    this.#last = start;
    this.#records = 0;
  }
}

/**
 * Where the chain begins here now: a copy by what is kept of it, the own chain by the fact of its cut, beyond which nobody may take
 * anything unseen. Another member may write over that fact, and then what is kept counts here too.
 */
function startOf(store: Store, told: ToldChain): ChainPlace {
  const genesis = { seq: 0, hash: genesisHash(told.incarnationId, told.term) };
  const row = told.isCopy ? undefined : store.state.get('audit_cut', chainId(told));
  if (!told.isCopy && row === undefined) return genesis;
  const cut =
    row !== undefined && isOwnWord(store, told.incarnationId, row)
      ? placeOf(row)
      : store.auditCopies.start(told);
  return cut ?? genesis;
}

export function placeOf(row: Row<'audit_cut'> | Row<'audit_head'> | undefined): ChainPlace | null {
  return row?.seq == null || row.hash == null ? null : { seq: row.seq, hash: row.hash };
}

export function missing(from: number, to: number): string {
  return from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`;
}

function recordDeviation(record: StoredRecord, told: ToldChain, previous: ChainPlace): string | undefined {
  const expected = previous.seq + 1;
  if (record.seq > expected) return missing(expected, record.seq - 1);
  if (record.seq < expected) return `record ${record.seq} should have gone with the cut at ${previous.seq}`;
  if (chainHash(previous.hash, record.record) !== record.hash || !columnsAgree(record, told))
    return `record ${record.seq} was altered`;
  if (told.head?.seq === record.seq && told.head.hash !== record.hash)
    return `record ${record.seq} is not the one whose hash was signed`;
  return undefined;
}

/** Fields of a record and the columns in which lists find them. */
const BESIDE = {
  id: 'id',
  createdAt: 'created_at',
  operation: 'operation',
  severity: 'severity',
  condition: 'condition',
  message: 'message',
  entityId: 'entity',
  entityAddress: 'entity_address',
  kmaName: 'kma_name',
  class: 'class',
  term: 'term',
  solution: 'solution',
} satisfies Partial<Record<keyof AuditEntry, string>>;

const SQL = `SELECT seq, hash, record, ${Object.values(BESIDE).join(', ')} FROM audit
  WHERE incarnation = ? AND term = ? AND seq > ? ORDER BY seq ${BOUND_LIMIT}`;

/** Columns beside the record are not hashed and must say the same, as far as SQLite can: half of a surrogate pair is no text to it. */
function columnsAgree(record: StoredRecord, { term, kmaId, isCopy }: ToldChain): boolean {
  const entry = parsedEntry(record.record);
  const agrees = ([field, column]: [string, string]) => {
    const said = entry?.[field as keyof typeof BESIDE];
    return (typeof said === 'string' ? said.toWellFormed() : said) === record[column];
  };
  const isTheirs = !isCopy || entry?.kmaId === kmaId;
  return entry?.term === term && isTheirs && Object.entries(BESIDE).every(agrees);
}

/** Undefined for text that no append has written. */
function parsedEntry(text: string): AuditEntry | undefined {
  try {
    return JSON.parse(text) as AuditEntry;
  } catch {
    return undefined;
  }
}
