/** Other operations of the appliance itself: erasures confirmed, a passphrase proof disabled, the server certificate renewed, its own trouble recorded. People do not call them. */
import { PROOF_ROLES } from '@openkma/protocol';
import { z } from 'zod';
import { created, set } from '../core/facts.ts';
import type { ObjectId, UserId } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { refuse } from '../core/refusal.ts';
import { isLastUsableSecurityOfficer } from '../core/security-officers.ts';
import type { IssuedCertificate } from './contexts.ts';
import { internalId } from './fields.ts';
import { reissueKmaCertificate } from './kma-certificate.ts';
import { operation } from './operation.ts';
import { success, warning } from './success.ts';

const appliance = { callers: 'local', quorum: false, needsUnlocked: false, changes: true } as const;
const ERASURES_MAX = 1000;
const MISSING = {
  user: 'USER_DOES_NOT_EXIST',
  agent: 'AGENT_DOES_NOT_EXIST',
  kma: 'KMA_DOES_NOT_EXIST',
} as const;

export const confirmErasures = operation({
  ...appliance,
  name: 'ConfirmErasures',
  summary: 'Records that destroyed objects are in no file of this KMA any more.',
  audit: { class: 'System', retention: 'medium' },
  input: z.strictObject({ objectIds: z.array(internalId('object ID')).min(1).max(ERASURES_MAX) }),
  output: z.null(),
  decide: ({ objectIds }, { self, nowMs }) => ({
    facts: objectIds.map((objectId) =>
      created('object_erasure', `${objectId}:${self.incarnationId}`, {
        objectId: objectId as ObjectId,
        incarnationId: self.incarnationId,
        erasedAt: nowMs,
      }),
    ),
    output: null,
    audit: success(`objects=${objectIds.length}`),
  }),
});

export const disablePassphraseProof = operation({
  ...appliance,
  name: 'DisablePassphraseProof',
  summary:
    'Refuses the passphrase of an entity after too many failures, until a new one is set; its certificates go on.',
  audit: { class: 'Security Violation', retention: 'long' },
  input: z.strictObject({
    kind: z.enum(PROOF_ROLES),
    name: z.string().max(256),
    failures: z.int().min(1),
  }),
  output: z.null(),
  decide({ kind, name, failures }, { state }) {
    const entity = byName(state, kind, name);
    if (entity === undefined) return refuse(MISSING[kind]);
    if (kind === 'user' && isLastUsableSecurityOfficer(state, entity.id as UserId))
      return refuse(
        'ONLY_SECURITY_OFFICER_DELETE',
        'the last usable Security Officer is slowed, never blocked',
      );
    return {
      facts: entity.proofDisabled === 1 ? [] : [set(kind, entity.id, { proofDisabled: 1 })],
      output: null,
      audit: warning('Login attempt limit', `${kind}=${name} failures=${failures}`),
    };
  },
});

/** The TLS key stays: only the dates and the signature are new. */
export const renewKmaCertificate = operation({
  ...appliance,
  needsUnlocked: true,
  name: 'RenewKmaCertificate',
  summary: "Issues this KMA's server certificate anew.",
  audit: { class: 'Certificate Service', retention: 'long' },
  input: z.strictObject({}),
  output: z.null(),
  prepare: (_input, context) => reissueKmaCertificate(context),
  decide: (_input, { self }, certificate: IssuedCertificate) => ({
    facts: [set('kma', self.kmaId, { certificatePem: certificate.pem })],
    output: null,
    audit: success(`serial=${certificate.serial} fingerprint=${certificate.fingerprint}`),
    effects: [{ effect: 'tls-changed' }],
  }),
});

/** Trouble of the KMA itself, told by the core; the error state has its record from the core directly, which then runs nothing more. */
export const noteTrouble = operation({
  ...appliance,
  changes: false,
  name: 'NoteTrouble',
  summary: 'Records trouble of this KMA itself: its self-test, its store.',
  audit: { class: 'System', retention: 'long' },
  input: z.strictObject({ condition: z.string().min(1).max(64), details: z.string().max(1024) }),
  output: z.null(),
  decide: ({ condition, details }) => ({
    facts: [],
    output: null,
    audit: { severity: 'error', condition, message: details },
  }),
});

export const applianceUpkeepOperations = [
  confirmErasures,
  disablePassphraseProof,
  renewKmaCertificate,
  noteTrouble,
];
