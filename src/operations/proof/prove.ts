/** Checks the second message of the modern proof (docs/proof.md, 5): the same work for every name, one refusal for every reason. It changes nothing. */
import { X509Certificate } from 'node:crypto';
import {
  authMessage,
  NONCE_BYTES,
  PROOF_KEY_BYTES,
  type ProofChannel,
  type ProofRole,
  provesClient,
  serverSignature,
} from '@openkma/protocol';
import type { ObjectId } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { rootsOfProofs } from '../../core/root-ca.ts';
import type { StateView } from '../../core/state.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { bytes, text } from '../agent/wire-fields.ts';
import type { PrepareContext } from '../contexts.ts';
import type { Self } from '../operation.ts';
import { obstacleOf, proofEntity } from './entity.ts';
import { askedVerifier } from './verifier.ts';

/** What every second message holds. */
export interface ProofMessage {
  readonly entityId: string;
  readonly clientNonce: Uint8Array;
  readonly clientProof: Uint8Array;
}
export const proofFields = {
  entityId: text,
  clientNonce: bytes(NONCE_BYTES),
  clientProof: bytes(PROOF_KEY_BYTES),
} as const;

export interface Proven {
  /** Of the entity's row. */
  readonly id: string;
  /** What was proven against: another passphrase set meanwhile voids the proof. */
  readonly verifierObjectId: ObjectId;
  readonly serverSignature: Uint8Array;
  /** Of the key that the first message's answer gave; made when it is asked for. */
  readonly oneTimePrivateKey: () => SecretBytes;
}

/** Over TLS: bound to the connection and to the key that the client made. */
export function proveOverTls(
  role: ProofRole,
  message: ProofMessage,
  clientKeySha256: Uint8Array,
  context: PrepareContext,
): Proven | Refusal {
  const { exporter } = context.origin;
  if (exporter === undefined) return failed(role, message.entityId, 'no TLS exporter');
  return prove(role, message, { channel: 'tls', exporter, clientKeySha256 }, context);
}

export function prove(
  role: ProofRole,
  message: ProofMessage,
  channel: ProofChannel,
  context: PrepareContext,
): Proven | Refusal {
  const { entity, keys } = askedVerifier(role, message.entityId, context);
  const { entityId, clientNonce, clientProof } = message;
  const { salt, cost } = keys;
  const said = rootsOfProofs(context.state, context.nowMs)
    .flatMap((rootPem) => {
      const asked = { role, entityId, clientNonce };
      const known = { ...asked, salt, cost, caCertificate: new X509Certificate(rootPem).raw };
      return context.security.validProofChallenges({ ...asked, rootPem }).map((challenge) => ({
        challenge,
        transcript: authMessage({ ...known, ...challenge }, channel),
      }));
    })
    .filter(({ transcript }) => provesClient(keys.storedKey, transcript, clientProof))[0];
  if (entity === undefined || entity.verifierObjectId === null)
    return failed(role, entityId, `no such ${role} with a passphrase`);
  if (said === undefined) return failed(role, entityId, 'wrong proof');
  const obstacle = obstacleOf(context.state, context.self, role, entity);
  if (obstacle !== null) return failed(role, entityId, obstacle);
  const { id, verifierObjectId } = entity;
  return {
    id,
    verifierObjectId,
    serverSignature: serverSignature(keys.serverKey, said.transcript),
    oneTimePrivateKey: said.challenge.privateHalf,
  };
}

/** Asked again inside the transaction: null where what was proven still holds. */
export function lapsed(
  state: StateView,
  self: Self,
  role: ProofRole,
  entityId: string,
  proven: Pick<Proven, 'id' | 'verifierObjectId'>,
): Refusal | null {
  const entity = proofEntity(state, role, entityId);
  if (entity?.id !== proven.id || entity.verifierObjectId !== proven.verifierObjectId)
    return failed(role, entityId, 'changed meanwhile');
  const obstacle = obstacleOf(state, self, role, entity);
  return obstacle === null ? null : failed(role, entityId, obstacle);
}

/** Outside only the code is seen; the reason is for the audit. */
export function failed(role: ProofRole, entityId: string, reason: string): Refusal {
  return refuse('AUTHENTICATION_FAILED', `${role}=${entityId}: ${reason}`);
}
