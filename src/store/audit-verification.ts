/** Recomputes the audit chains, those of other KMAs too, from their first kept record and names the first deviation of each; it mends nothing. */
import { type ChainName, type ChainPlace, chainId, headText, RETENTION_TERMS } from '../core/audit.ts';
import { wentOnTwice } from '../core/audit-trust.ts';
import { kmaOfIncarnation, kmaOfLife, logKeyOfLife } from '../core/life.ts';
import { atOnce, type Steps } from '../core/steps.ts';
import type { Row } from '../core/tables.ts';
import type { AuditChainReport } from '../operations/audit-record.ts';
import { verifyText } from '../security/log-signing.ts';
import { AuditWalk, missing, placeOf, type ToldChain } from './audit-walk.ts';
import { isOwnWord } from './audit-word.ts';
import type { Store } from './store.ts';

/** How many chains are asked for at once from the table of heads. */
const PAGE_ROWS = 500;
const INTACT = 'intact';

export function isIntact({ verdict }: Pick<AuditChainReport, 'verdict'>): boolean {
  return verdict === INTACT || verdict.startsWith(`${INTACT};`);
}

/** Of one chain: what facts said of it when the walk along it began. */
interface Told extends ToldChain {
  readonly headRow: Row<'audit_head'> | undefined;
  /** Of an own life of which others have another end, theirs: nothing here has to agree with it. */
  readonly otherHead: ChainPlace | null;
}

/** At once; for who keeps nobody waiting. `kmaId`: whose store it is; null where nobody knows, and then no chain is known to lack its end. */
export function verifyAudit(store: Store, kmaId: string | null): readonly AuditChainReport[] {
  return store.read(() => atOnce(auditVerification(store, kmaId)));
}

/** In steps: each in one read of the store, which may change between them. */
export function* auditVerification(store: Store, kmaId: string | null): Steps<readonly AuditChainReport[]> {
  const chains = store.audit.chains();
  const names = chainNames(store, chains);
  const total = chains.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
  const reports: AuditChainReport[] = [];
  let done = 0;
  for (const name of names) {
    const told = toldOf(store, name, kmaId);
    const walk = new AuditWalk(store, told);
    while (!walk.step()) yield { done: Math.min(done + walk.records, total), total };
    reports.push(reportOf(store, told, walk));
    done += walk.records;
    yield { done: Math.min(done, total), total };
  }
  return reports;
}

function toldOf(store: Store, name: ChainName, ownKmaId: string | null): Told {
  const { incarnationId } = name;
  const kmaId = kmaOfIncarnation(store.state, incarnationId);
  const headRow = saidHead(store, name);
  const isCopy = (kmaId !== null && kmaId !== ownKmaId) || store.auditCopies.isCopy(name);
  const isOtherEnd = !isCopy && wentOnTwice(store.state, incarnationId, store.logLength(incarnationId));
  const head = placeOf(headRow);
  return {
    ...name,
    kmaId,
    isCopy,
    head: isOtherEnd ? null : head,
    headRow,
    otherHead: isOtherEnd ? head : null,
  };
}

/** A head that another life has written counts only where it is signed: it may stand in the place of the true one. */
function saidHead(store: Store, name: ChainName): Row<'audit_head'> | undefined {
  const row = store.state.get('audit_head', chainId(name));
  if (row === undefined || isOwnWord(store, name.incarnationId, row)) return row;
  return isSigned(store, name, row) ? row : undefined;
}

/** In the read of the walk's last step. */
function reportOf(store: Store, told: Told, walk: AuditWalk): AuditChainReport {
  const { incarnationId, term, kmaId, isCopy, head } = told;
  const { start, last, records } = walk;
  const verdict =
    walk.deviation ??
    headSignatureDeviation(store, told) ??
    proofDeviation(store, told) ??
    endDeviation(told, start, last);
  return {
    kmaName: (kmaId === null ? null : store.state.get('kma', kmaId)?.name) ?? '',
    incarnationId,
    term,
    firstSeq: records === 0 ? start.seq + 1 : walk.firstSeq,
    lastSeq: last.seq,
    records,
    behind: isCopy ? Math.max(0, (head?.seq ?? 0) - last.seq) : 0,
    verdict: verdict ?? otherEnd(store, told) ?? INTACT,
  };
}

/** The records here are as they were written, and the head that the others' end came with is of other ones. */
function otherEnd(store: Store, { incarnationId, term, otherHead }: Told): string | undefined {
  const chain = store.audit.chain(incarnationId, term);
  if (otherHead === null || (chain !== null && otherHead.seq < chain.firstSeq)) return undefined;
  if (store.audit.hashAt(incarnationId, term, otherHead.seq) === otherHead.hash) return undefined;
  return `${INTACT}; this life went on twice, and others have another end, signed at record ${otherHead.seq}`;
}

function headSignatureDeviation(store: Store, { headRow, ...name }: Told): string | undefined {
  const head = placeOf(headRow);
  if (headRow === undefined || head === null || isSigned(store, name, headRow)) return undefined;
  return `the signature of the head at ${head.seq} is not valid`;
}

function isSigned(store: Store, { incarnationId, term }: ChainName, row: Row<'audit_head'>): boolean {
  const publicKey = store.state.get('incarnation', incarnationId)?.logPublicKey ?? '';
  const head = placeOf(row);
  return (
    head !== null && verifyText(publicKey, headText({ incarnationId, term, ...head }), row.signature ?? '')
  );
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

/** Chains with records here, and those of which only a head tells: all their records may be missing. Nothing is said of a life that is not known here, whatever the name of a head is. */
function chainNames(store: Store, chains: readonly ChainName[]): readonly ChainName[] {
  const names = new Map(chains.map((chain) => [chainId(chain), chain]));
  let rows = store.state.page('audit_head', '', PAGE_ROWS);
  while (rows.length > 0) {
    for (const { id } of rows) {
      const [incarnationId = '', ofTerm] = id.split(':');
      const term = RETENTION_TERMS.find((one) => one === ofTerm);
      const life = store.state.get('incarnation', incarnationId);
      if (term !== undefined && life !== undefined) names.set(id, { incarnationId, term });
    }
    rows = store.state.page('audit_head', rows.at(-1)?.id ?? '', PAGE_ROWS);
  }
  return [...names.keys()].sort().flatMap((id) => names.get(id) ?? []);
}
