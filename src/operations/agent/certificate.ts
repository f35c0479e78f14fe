/** RetrieveEntityCertificate: an agent that proves its passphrase gets a certificate (protocol 4). Every refusal looks alike outside; the reason is in the audit. */
import {
  CHALLENGE_BYTES,
  PEM_BYTES,
  PROOF_BYTES,
  proof,
  type Requests,
  type Responses,
  sameBytes,
} from '@openkma/protocol';
import { created, set } from '../../core/facts.ts';
import type { AgentId, ObjectId } from '../../core/ids.ts';
import { byName, live } from '../../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { rootsOfProofs } from '../../core/root-ca.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { IssuedCertificate, PrepareContext } from '../contexts.ts';
import { operation } from '../operation.ts';
import { agentObstacle } from '../proof/entity.ts';
import { success } from '../success.ts';
import { bytes, fields, text } from './wire-fields.ts';

type Request = Requests['RetrieveEntityCertificate'];
type Reply = Responses['RetrieveEntityCertificate'];

interface Enrolment {
  readonly agentId: AgentId;
  /** The secret the proof was checked against: another passphrase set meanwhile voids the proof. */
  readonly secretObjectId: ObjectId;
  readonly serverResponse: Uint8Array;
  readonly certificate: IssuedCertificate;
  readonly privateKeyPem: SecretBytes;
}

const input = fields<Request>({
  entityId: text,
  clientAuthenticationResponse: bytes(PROOF_BYTES),
  serverAuthenticationChallenge: bytes(CHALLENGE_BYTES),
});

export const retrieveEntityCertificate = operation<Request, Enrolment, Enrolment, Reply>({
  name: 'RetrieveEntityCertificate',
  summary: 'Gives an agent its certificate and private key for the proof of its passphrase.',
  callers: 'stranger',
  quorum: false,
  needsUnlocked: true,
  changes: true,
  audit: { class: 'Certificate Service', retention: 'long' },
  input,
  output: fields<Reply>({
    serverAuthenticationResponse: bytes(PROOF_BYTES),
    certificate: bytes(1, PEM_BYTES),
    wrappedPrivateKeyMaterial: bytes(1, PEM_BYTES),
  }),
  async prepare(request, context) {
    const proven = proveAgent(request, context);
    if (isRefusal(proven)) return proven;
    const { publicKey, privateKeyPem } = await context.security.takeKeyPair();
    const certificate = await context.security.issueCertificate({
      kind: 'agent',
      name: request.entityId,
      publicKey,
    });
    return { ...proven, certificate, privateKeyPem };
  },
  decide(request, { state, nowMs }, enrolment) {
    const { agentId, certificate } = enrolment;
    const agent = live(state, 'agent', agentId);
    const obstacle =
      agent?.legacySecretObjectId === enrolment.secretObjectId
        ? obstacleOf(state, agent)
        : 'changed meanwhile';
    if (obstacle !== null) return failed(request.entityId, obstacle);
    return {
      facts: [
        created('agent_certificate', certificate.fingerprint, {
          agentId,
          serial: certificate.serial,
          createdAt: nowMs,
          notAfter: certificate.notAfterMs,
          proof: 'legacy',
        }),
        set('agent', agentId, { enrolled: 1 }),
      ],
      output: enrolment,
      audit: success(`agent=${request.entityId} serial=${certificate.serial} proof=legacy`),
    };
  },
  reply: ({ serverResponse, certificate, privateKeyPem }) => ({
    serverAuthenticationResponse: serverResponse,
    certificate: Buffer.from(certificate.pem, 'utf8'),
    wrappedPrivateKeyMaterial: privateKeyPem.reveal(),
  }),
});

type Proven = Pick<Enrolment, 'agentId' | 'secretObjectId' | 'serverResponse'>;

/** The same work for every name, known or not; what stands in the way is looked at last. */
function proveAgent(request: Request, context: PrepareContext): Proven | Refusal {
  const { state, security, nowMs } = context;
  const agent = byName(state, 'agent', request.entityId);
  const secret = secretOf(agent, context);
  const roots = rootsOfProofs(state, nowMs);
  const shownRoot = roots.filter((rootPem) =>
    security
      .validChallenges(request.entityId, rootPem)
      .map((challenge) => proof(secret.reveal(), rootPem, challenge))
      .map((expected) => sameBytes(expected, request.clientAuthenticationResponse))
      .includes(true),
  )[0];
  const serverResponse = proof(
    secret.reveal(),
    shownRoot ?? roots[0] ?? '',
    request.serverAuthenticationChallenge,
  );
  secret.wipe();
  if (agent === undefined || agent.legacySecretObjectId === null)
    return failed(request.entityId, 'no such agent with a passphrase');
  if (shownRoot === undefined) return failed(request.entityId, 'wrong proof');
  const obstacle = obstacleOf(state, agent);
  if (obstacle !== null) return failed(request.entityId, obstacle);
  return { agentId: agent.id as AgentId, secretObjectId: agent.legacySecretObjectId, serverResponse };
}

/** For a name without a secret a random one, sealed in vain, which takes as long as opening. */
function secretOf(agent: Row<'agent'> | undefined, { security, random }: PrepareContext): SecretBytes {
  if (agent?.legacySecretObjectId != null) return security.openObject(agent.legacySecretObjectId);
  const decoy = new SecretBytes(random(PROOF_BYTES));
  security.seal({ kind: 'legacy-secret', owner: '', plaintext: decoy });
  return decoy;
}

/** Why a right proof is not enough, or null. */
function obstacleOf(state: StateView, agent: Row<'agent'>): string | null {
  return agentObstacle(state, agent) ?? (agent.modernOnly === 1 ? 'agent takes the modern proof only' : null);
}

function failed(entityId: string, reason: string): Refusal {
  return refuse('AUTHENTICATION_FAILED', `agent=${entityId}: ${reason}`);
}

/** What makes two requests the identical one, which the runtime answers identically for a while (D6); null for what is no request. */
export function pairKey(request: unknown): { readonly entityId: string; readonly key: string } | null {
  const parsed = input.safeParse(request);
  if (!parsed.success) return null;
  const { entityId, clientAuthenticationResponse, serverAuthenticationChallenge } = parsed.data;
  const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
  const key = [hex(clientAuthenticationResponse), hex(serverAuthenticationChallenge), entityId].join(' ');
  return { entityId, key };
}
