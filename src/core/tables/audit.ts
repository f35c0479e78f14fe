/** The tables of audit chains: where they were cut, and their signed heads. The records are local. */
import { lww, table } from '../table.ts';

export const AUDIT_TABLES = {
  /** id = incarnationId:term. The last cut of an audit chain at its KMA: records up to and including `seq` are gone; `hash` is that record's. Any member may write it, so nothing is cut or begun by it (core/foreign-rules.ts), and it counts as its KMA's word where a life of it has written it (store/audit-word.ts). */
  audit_cut: table(
    { seq: lww.integer(), hash: lww.text(), cutAt: lww.integer(), recordsCut: lww.integer() },
    {},
  ),
  /** id = incarnationId:term. The last signed head; `signature` is Ed25519 by the incarnation's log key over core/audit.ts headText, without which it counts for nothing. */
  audit_head: table(
    { seq: lww.integer(), hash: lww.text(), signature: lww.text(), signedAt: lww.integer() },
    {},
  ),
} as const;
