/** Operations by which the appliance looks after its audit log: cuts, signed heads, and what nobody in particular did. People do not call them. */
import { PROOF_ROLES } from '@openkma/protocol';
import { z } from 'zod';
import { chainId, RETENTION_TERMS } from '../core/audit.ts';
import { set } from '../core/facts.ts';
import type { IncarnationId } from '../core/ids.ts';
import { kmaOfIncarnation } from '../core/life.ts';
import { refuse } from '../core/refusal.ts';
import type { AuditNote } from './audit-record.ts';
import { operation } from './operation.ts';
import { success, warning } from './success.ts';

const appliance = { callers: 'local', quorum: false, needsUnlocked: false } as const;
const term = z.enum(RETENTION_TERMS);
const seq = z.int().min(1);
const hash = z.string().regex(/^[0-9A-F]{64}$/);

export const cutAuditLog = operation({
  ...appliance,
  name: 'CutAuditLog',
  summary: 'Cuts audit records off the front of a chain as its retention says.',
  changes: true,
  audit: { class: 'Auditing', retention: 'long' },
  input: z.strictObject({
    /** A life of this KMA that is over; absent for the present one. */
    incarnationId: z.string().max(64).optional(),
    term,
    seq,
    hash,
  }),
  output: z.null(),
  decide(input, { state, self, nowMs, auditBegin }) {
    const incarnationId = (input.incarnationId ?? self.incarnationId) as IncarnationId;
    if (kmaOfIncarnation(state, incarnationId) !== self.kmaId)
      return refuse('INVALID_PARAMETERS', 'not a life of this KMA');
    const name = { incarnationId, term: input.term };
    // Not what a fact says: any member may write one, and would keep this KMA from ever cutting again.
    const firstSeq = auditBegin?.(name) ?? 1;
    if (input.seq < firstSeq) return refuse('INVALID_PARAMETERS', `it begins at ${firstSeq} already`);
    const recordsCut = input.seq - firstSeq + 1;
    const cut = { seq: input.seq, hash: input.hash, cutAt: nowMs, recordsCut };
    return {
      facts: [set('audit_cut', chainId(name), cut)],
      cutAudit: { incarnationId, term: input.term, seq: input.seq },
      output: null,
      audit: success(`term=${input.term} through=${input.seq} records=${recordsCut}`),
    };
  },
});

export const signAuditHeads = operation({
  ...appliance,
  name: 'SignAuditHeads',
  summary: 'Records the signed heads of the audit chains.',
  changes: true,
  audit: { class: 'Auditing', retention: 'short' },
  input: z.strictObject({
    heads: z
      .array(z.strictObject({ term, seq, hash, signature: z.string().regex(/^[0-9A-F]{128}$/) }))
      .min(1)
      .max(RETENTION_TERMS.length),
  }),
  output: z.null(),
  decide: ({ heads }, { self, nowMs }) => ({
    facts: heads.map((head) =>
      set('audit_head', `${self.incarnationId}:${head.term}`, {
        seq: head.seq,
        hash: head.hash,
        signature: head.signature,
        signedAt: nowMs,
      }),
    ),
    output: null,
    audit: success(heads.map((head) => `${head.term}=${head.seq}`).join(' ')),
  }),
});

export const noteFailuresBeforeAuthentication = operation({
  ...appliance,
  name: 'NoteFailuresBeforeAuthentication',
  summary: 'Records together what callers without proof asked and were refused.',
  changes: false,
  audit: { class: 'Security Violation', retention: 'medium' },
  input: z.strictObject({
    service: z.string().max(64),
    /** Answered; then `reason` names the operation. */
    served: z.boolean().default(false),
    reason: z.string().max(256),
    count: z.int().min(1),
    sources: z.array(z.string().max(64)).max(16),
  }),
  output: z.null(),
  decide({ service, served, reason, count, sources }) {
    const text = `count=${count} sources=${sources.join(',')}`;
    const audit: AuditNote = served
      ? {
          ...success(`service=${service} operation=${reason} ${text}`),
          class: 'CA Service',
          retention: 'short',
        }
      : warning('Refused before authentication', `service=${service} reason=${reason} ${text}`);
    return { facts: [], output: null, audit };
  },
});

export const noteRepeatedEnrolment = operation({
  ...appliance,
  name: 'NoteRepeatedEnrolment',
  summary: 'Records that a passphrase proof was repeated within a minute and answered from memory.',
  changes: false,
  audit: { class: 'Certificate Service', retention: 'long' },
  input: z.strictObject({
    kind: z.enum(PROOF_ROLES),
    name: z.string().max(256),
    address: z.string().max(64),
  }),
  output: z.null(),
  decide: ({ kind, name, address }) => ({
    facts: [],
    output: null,
    audit: warning('Enrolment repeated', `${kind}=${name} address=${address}`),
  }),
});

export const auditUpkeepOperations = [
  cutAuditLog,
  signAuditHeads,
  noteFailuresBeforeAuthentication,
  noteRepeatedEnrolment,
];
