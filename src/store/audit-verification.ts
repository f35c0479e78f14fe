/** Recomputes the audit chains, those of other KMAs too, from their first kept record and names the first deviation of each; it mends nothing. */
import { type ChainName, type ChainPlace, chainId, headText } from '../core/audit.ts';
import { kmaOfIncarnation, kmaOfLife, logKeyOfLife } from '../core/life.ts';
import type { Row } from '../core/tables.ts';
import type { AuditChainReport, RetentionTerm } from '../operations/audit-record.ts';
import { verifyText } from '../security/log-signing.ts';
import { type AuditEntry, chainHash, genesisHash } from './audit-chain.ts';
import type { Store } from './store.ts';

/** How many chains are asked for at once from the tables of cuts and heads. */
const PAGE_ROWS = 500;

interface StoredRecord {
  readonly seq: number;
  readonly hash: string;
  readonly record: string;
  readonly [column: string]: unknown;
}
/** A chain, and what facts say of it. */
interface Told extends ChainName {
  readonly kmaId: string | null;
  /** Records of another KMA come a little later, and go by the own retention too. */
  readonly isCopy: boolean;
  readonly cut: ChainPlace | null;
  readonly head: ChainPlace | null;
  readonly headRow: Row<'audit_head'> | undefined;
}

/** `kmaId`: whose store it is; null where nobody knows, and then no chain is known to lack its end. */
export function verifyAudit(store: Store, kmaId: string | null): readonly AuditChainReport[] {
  return store.read(() => chainNames(store).map((name) => verifyChain(store, toldOf(store, name, kmaId))));
}

function toldOf(store: Store, name: ChainName, ownKmaId: string | null): Told {
  const id = chainId(name);
  const kmaId = kmaOfIncarnation(store.state, name.incarnationId);
  const headRow = store.state.get('audit_head', id);
  return {
    ...name,
    kmaId,
    isCopy: (kmaId !== null && kmaId !== ownKmaId) || store.auditCopies.isCopy(name),
    cut: placeOf(store.state.get('audit_cut', id)),
    head: placeOf(headRow),
    headRow,
  };
}

function verifyChain(store: Store, told: Told): AuditChainReport {
  const { incarnationId, term, kmaId, isCopy, head } = told;
  const genesis = { seq: 0, hash: genesisHash(incarnationId, term) };
  const start = (isCopy ? store.auditCopies.start(told) : told.cut) ?? genesis;
  const walked = walk(store, told, start);
  const verdict =
    walked.deviation ??
    headSignatureDeviation(store, told) ??
    proofDeviation(store, told) ??
    endDeviation(told, start, walked.last);
  return {
    kmaName: (kmaId === null ? null : store.state.get('kma', kmaId)?.name) ?? '',
    incarnationId,
    term,
    firstSeq: walked.records === 0 ? start.seq + 1 : walked.firstSeq,
    lastSeq: walked.last.seq,
    records: walked.records,
    behind: isCopy ? Math.max(0, (head?.seq ?? 0) - walked.last.seq) : 0,
    verdict: verdict ?? 'intact',
  };
}

interface Walked {
  readonly firstSeq: number;
  readonly last: ChainPlace;
  readonly records: number;
  readonly deviation?: string;
}

/** Ends at the first deviation; `last` is the last record found in order. */
function walk(store: Store, told: Told, start: ChainPlace): Walked {
  const statement = store.database.prepare(
    `SELECT seq, hash, record, ${Object.values(BESIDE).join(', ')} FROM audit
     WHERE incarnation = ? AND term = ? ORDER BY seq`,
  );
  let last = start;
  let records = 0;
  let firstSeq = 0;
  for (const found of statement.iterate(told.incarnationId, told.term) as Iterable<unknown>) {
    const record = found as StoredRecord;
    if (records === 0) firstSeq = record.seq;
    const deviation = recordDeviation(record, told, last);
    if (deviation !== undefined) return { firstSeq, last, records, deviation };
    last = { seq: record.seq, hash: record.hash };
    records += 1;
  }
  return { firstSeq, last, records };
}

function recordDeviation(record: StoredRecord, told: Told, previous: ChainPlace): string | undefined {
  const expected = previous.seq + 1;
  if (record.seq > expected) return missing(expected, record.seq - 1);
  if (record.seq < expected) return `record ${record.seq} should have gone with the cut at ${previous.seq}`;
  if (chainHash(previous.hash, record.record) !== record.hash || !columnsAgree(record, told))
    return `record ${record.seq} was altered`;
  if (told.head?.seq === record.seq && told.head.hash !== record.hash)
    return `record ${record.seq} is not the one whose hash was signed`;
  if (told.cut?.seq === record.seq && told.cut.hash !== record.hash)
    return `record ${record.seq} is not the one at which its KMA has cut`;
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

/** Columns beside the record are not hashed and must say the same, as far as SQLite can: half of a surrogate pair is no text to it. */
function columnsAgree(record: StoredRecord, { term, kmaId, isCopy }: Told): boolean {
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

function headSignatureDeviation(store: Store, { headRow, head, ...name }: Told): string | undefined {
  if (headRow === undefined || head === null) return undefined;
  const publicKey = store.state.get('incarnation', name.incarnationId)?.logPublicKey ?? '';
  if (verifyText(publicKey, headText({ ...name, ...head }), headRow.signature ?? '')) return undefined;
  return `the signature of the head at ${head.seq} is not valid`;
}

/** The last signature with which the copy came. */
function proofDeviation(store: Store, told: Told): string | undefined {
  const proof = told.isCopy ? store.auditCopies.lastProof(told) : null;
  if (proof === null) return undefined;
  const signer = store.state.get('incarnation', proof.signedBy);
  const hash = store.audit.hashAt(told.incarnationId, told.term, proof.seq) ?? '';
  const { incarnationId, term, kmaId } = told;
  const text = headText({ incarnationId, term, seq: proof.seq, hash });
  return signer !== undefined &&
    kmaOfLife(signer) === kmaId &&
    verifyText(logKeyOfLife(signer) ?? '', text, proof.signature)
    ? undefined
    : `record ${proof.seq} is not the one that came with a signature`;
}

/** The end of the chain against the signed head; a head within the kept part was compared on the way. */
function endDeviation({ head, isCopy }: Told, start: ChainPlace, last: ChainPlace): string | undefined {
  if (head === null) return undefined;
  if (head.seq > last.seq && !isCopy) return missing(last.seq + 1, head.seq);
  if (head.seq === start.seq && head.hash !== start.hash)
    return `the cut at ${start.seq} is not at the record whose hash was signed`;
  return undefined;
}

function missing(from: number, to: number): string {
  return from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`;
}

function placeOf(row: Row<'audit_cut'> | Row<'audit_head'> | undefined): ChainPlace | null {
  return row?.seq == null || row.hash == null ? null : { seq: row.seq, hash: row.hash };
}

/** Chains with records here, and those of which only a cut or a head tells: all their records may be missing. */
function chainNames(store: Store): readonly ChainName[] {
  const names = new Set(store.audit.chains().map((chain) => `${chain.incarnationId}:${chain.term}`));
  for (const table of ['audit_cut', 'audit_head'] as const) {
    let rows = store.state.page(table, '', PAGE_ROWS);
    while (rows.length > 0) {
      for (const row of rows) names.add(row.id);
      rows = store.state.page(table, rows.at(-1)?.id ?? '', PAGE_ROWS);
    }
  }
  return [...names].sort().map((name) => {
    const [incarnationId = '', term = ''] = name.split(':');
    return { incarnationId, term: term as RetentionTerm };
  });
}
