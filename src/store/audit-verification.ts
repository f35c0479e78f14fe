/** Recomputes the audit chains from their first kept record and names the first deviation of each; it mends nothing. */
import { createPublicKey, verify } from 'node:crypto';
import { headText } from '../core/audit.ts';
import type { Row } from '../core/tables.ts';
import type { AuditChainReport, RetentionTerm } from '../operations/audit-record.ts';
import { type AuditEntry, chainHash, genesisHash } from './audit-chain.ts';
import type { Store } from './store.ts';

/** How many chains are asked for at once from the tables of cuts and heads. */
const PAGE_ROWS = 500;
const ED25519_KEY_BYTES = 32;

interface ChainName {
  readonly incarnationId: string;
  readonly term: RetentionTerm;
}
/** A place in a chain and the hash there. */
interface Place {
  readonly seq: number;
  readonly hash: string;
}
interface StoredRecord {
  readonly seq: number;
  readonly hash: string;
  readonly record: string;
  readonly [column: string]: unknown;
}

export function verifyAudit(store: Store): readonly AuditChainReport[] {
  return store.read(() => chainNames(store).map((name) => verifyChain(store, name)));
}

function verifyChain(store: Store, name: ChainName): AuditChainReport {
  const id = `${name.incarnationId}:${name.term}`;
  const cut = placeOf(store.state.get('audit_cut', id));
  const headRow = store.state.get('audit_head', id);
  const head = placeOf(headRow);
  const start = cut ?? { seq: 0, hash: genesisHash(name.incarnationId, name.term) };
  const walked = walk(store, name, start, head);
  const verdict =
    walked.deviation ?? signatureDeviation(store, name, headRow) ?? headDeviation(start, walked.last, head);
  return {
    ...name,
    firstSeq: walked.records === 0 ? start.seq + 1 : walked.firstSeq,
    lastSeq: walked.last.seq,
    records: walked.records,
    verdict: verdict ?? 'intact',
  };
}

interface Walked {
  readonly firstSeq: number;
  readonly last: Place;
  readonly records: number;
  readonly deviation?: string;
}

/** Ends at the first deviation; `last` is the last record found in order. */
function walk(store: Store, name: ChainName, start: Place, head: Place | undefined): Walked {
  const statement = store.database.prepare(
    `SELECT seq, hash, record, ${Object.values(BESIDE).join(', ')} FROM audit
     WHERE incarnation = ? AND term = ? ORDER BY seq`,
  );
  let last = start;
  let records = 0;
  let firstSeq = 0;
  for (const found of statement.iterate(name.incarnationId, name.term) as Iterable<unknown>) {
    const record = found as StoredRecord;
    if (records === 0) firstSeq = record.seq;
    const deviation = recordDeviation(record, name, last, head);
    if (deviation !== undefined) return { firstSeq, last, records, deviation };
    last = { seq: record.seq, hash: record.hash };
    records += 1;
  }
  return { firstSeq, last, records };
}

function recordDeviation(
  record: StoredRecord,
  name: ChainName,
  previous: Place,
  head: Place | undefined,
): string | undefined {
  const expected = previous.seq + 1;
  if (record.seq > expected) return missing(expected, record.seq - 1);
  if (record.seq < expected) return `record ${record.seq} should have gone with the cut at ${previous.seq}`;
  if (chainHash(previous.hash, record.record) !== record.hash || !columnsAgree(record, name))
    return `record ${record.seq} was altered`;
  if (head?.seq === record.seq && head.hash !== record.hash)
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

/** Columns beside the record are not hashed and must say the same, as far as SQLite can: half of a surrogate pair is no text to it. */
function columnsAgree(record: StoredRecord, name: ChainName): boolean {
  const entry = parsedEntry(record.record);
  const agrees = ([field, column]: [string, string]) => {
    const said = entry?.[field as keyof typeof BESIDE];
    return (typeof said === 'string' ? said.toWellFormed() : said) === record[column];
  };
  return entry?.term === name.term && Object.entries(BESIDE).every(agrees);
}

/** Undefined for text that no append has written. */
function parsedEntry(text: string): AuditEntry | undefined {
  try {
    return JSON.parse(text) as AuditEntry;
  } catch {
    return undefined;
  }
}

function signatureDeviation(
  store: Store,
  name: ChainName,
  head: Row<'audit_head'> | undefined,
): string | undefined {
  const place = placeOf(head);
  if (head === undefined || place === undefined) return undefined;
  const publicKey = store.state.get('incarnation', name.incarnationId)?.logPublicKey;
  const text = headText({ ...name, ...place });
  if (publicKey != null && validSignature(publicKey, text, head.signature ?? '')) return undefined;
  return `the signature of the head at ${place.seq} is not valid`;
}

/** Ed25519 by the raw public key. */
function validSignature(publicKeyHex: string, text: string, signatureHex: string): boolean {
  const x = Buffer.from(publicKeyHex, 'hex');
  if (x.length !== ED25519_KEY_BYTES) return false;
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') },
    format: 'jwk',
  });
  return verify(null, Buffer.from(text), key, Buffer.from(signatureHex, 'hex'));
}

/** The end of the chain against the signed head; a head within the kept part was compared on the way. */
function headDeviation(start: Place, last: Place, head: Place | undefined): string | undefined {
  if (head === undefined) return undefined;
  if (head.seq > last.seq) return missing(last.seq + 1, head.seq);
  if (head.seq === start.seq && head.hash !== start.hash)
    return `the cut at ${start.seq} is not at the record whose hash was signed`;
  return undefined;
}

function missing(from: number, to: number): string {
  return from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`;
}

function placeOf(row: Row<'audit_cut'> | Row<'audit_head'> | undefined): Place | undefined {
  return row?.seq == null || row.hash == null ? undefined : { seq: row.seq, hash: row.hash };
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
