/** EnrolAgent and EnrolKma: for the modern proof a certificate over the key that the caller made itself; its private half never comes here. */
import {
  CLIENT_PUBLIC_KEY_BYTES,
  PEM_BYTES,
  PROOF_KEY_BYTES,
  publicKeySha256,
  type Requests,
  type Responses,
} from '@openkma/protocol';
import { created, set } from '../../core/facts.ts';
import type { AgentId } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { isUsableClientKey } from '../../security/client-key.ts';
import { bytes, fields } from '../agent/wire-fields.ts';
import type { IssuedCertificate, PrepareContext } from '../contexts.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { lapsed, type Proven, proofFields, proveOverTls } from './prove.ts';

type Request = Requests['EnrolAgent' | 'EnrolKma'];
type Reply = Responses['EnrolAgent' | 'EnrolKma'];

interface Certified extends Proven {
  readonly certificate: IssuedCertificate;
}

const enrolment = {
  callers: 'stranger',
  quorum: false,
  needsUnlocked: true,
  changes: true,
  audit: { class: 'Certificate Service', retention: 'long' },
  input: fields<Request>({ ...proofFields, clientPublicKey: bytes(1, CLIENT_PUBLIC_KEY_BYTES) }),
  output: fields<Reply>({ serverSignature: bytes(PROOF_KEY_BYTES), certificate: bytes(1, PEM_BYTES) }),
  reply: ({ serverSignature, certificate }: Certified) => ({
    serverSignature,
    certificate: Buffer.from(certificate.pem, 'utf8'),
  }),
} as const;

/** The key is parsed only after the proof: nobody without a passphrase has bytes of his looked at. */
async function certify(
  kind: 'agent' | 'kma',
  request: Request,
  context: PrepareContext,
): Promise<Certified | Refusal> {
  const publicKey = request.clientPublicKey;
  const proven = proveOverTls(kind, request, publicKeySha256(publicKey), context);
  if (isRefusal(proven)) return proven;
  if (!isUsableClientKey(publicKey))
    return refuse('AGENT_INVALID_PARAMETERS', `${kind}=${request.entityId}: not a usable RSA public key`);
  const certificate = await context.security.issueCertificate({ kind, name: request.entityId, publicKey });
  return { ...proven, certificate };
}

export const enrolAgent = operation<Request, Certified, Certified, Reply>({
  ...enrolment,
  name: 'EnrolAgent',
  summary: 'Gives an agent a certificate over its own key for the modern proof of its passphrase.',
  prepare: (request, context) => certify('agent', request, context),
  decide(request, { state, self, nowMs }, certified) {
    const refusal = lapsed(state, self, 'agent', request.entityId, certified);
    if (refusal !== null) return refusal;
    const { id, certificate } = certified;
    return {
      facts: [
        created('agent_certificate', certificate.fingerprint, {
          agentId: id as AgentId,
          serial: certificate.serial,
          createdAt: nowMs,
          notAfter: certificate.notAfterMs,
          proof: 'modern',
        }),
        set('agent', id, { enrolled: 1 }),
      ],
      output: certified,
      audit: success(`agent=${request.entityId} serial=${certificate.serial} proof=modern`),
    };
  },
});

export const enrolKma = operation<Request, Certified, Certified, Reply>({
  ...enrolment,
  name: 'EnrolKma',
  summary: 'Gives a KMA that joins its server certificate for the modern proof of its passphrase.',
  prepare: (request, context) => certify('kma', request, context),
  decide(request, { state, self }, certified) {
    const refusal = lapsed(state, self, 'kma', request.entityId, certified);
    if (refusal !== null) return refusal;
    const { id, certificate } = certified;
    return {
      facts: [
        set('kma', id, {
          certificatePem: certificate.pem,
          certificateVerifierObjectId: state.get('kma', id)?.verifierObjectId ?? null,
          enrolled: 1,
        }),
      ],
      output: certified,
      audit: success(`kma=${request.entityId} serial=${certificate.serial} proof=modern`),
    };
  },
});
