/** BeginProof: the first message of the modern proof (docs/proof.md, 3), for whoever asks. It costs no stored state and no Argon2, and tells nobody who exists. */
import {
  NONCE_BYTES,
  ONE_TIME_KEY_BYTES,
  PEM_BYTES,
  PROOF_ROLES,
  PROOF_SALT_BYTES,
  type Requests,
  type Responses,
} from '@openkma/protocol';
import { z } from 'zod';
import { bytes, fields, text } from '../agent/wire-fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { askedVerifier } from './verifier.ts';

type Request = Requests['BeginProof'];
type Reply = Responses['BeginProof'];

export const beginProof = operation<Request, Reply, Reply, Reply>({
  name: 'BeginProof',
  summary: 'Gives salt, root CA certificate and challenge for the modern passphrase proof.',
  callers: 'stranger',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'CA Service', retention: 'short' },
  input: fields<Request>({ role: z.enum(PROOF_ROLES), entityId: text, clientNonce: bytes(NONCE_BYTES) }),
  output: fields<Reply>({
    salt: bytes(PROOF_SALT_BYTES),
    memoryKib: z.int().min(1),
    passes: z.int().min(1),
    lanes: z.int().min(1),
    rootCaCertificate: bytes(1, PEM_BYTES),
    serverChallenge: bytes(NONCE_BYTES),
    oneTimePublicKey: bytes(ONE_TIME_KEY_BYTES),
  }),
  async prepare(request, context) {
    const rootPem = context.state.get('certificate_authority', 'root')?.certificatePem;
    if (rootPem == null) throw new Error('there is no root CA certificate');
    const { salt, cost } = askedVerifier(request.role, request.entityId, context).keys;
    return {
      salt,
      ...cost,
      rootCaCertificate: Buffer.from(rootPem, 'utf8'),
      ...context.security.proofChallenge({ ...request, rootPem }),
    };
  },
  decide: ({ role, entityId }, _context, reply) => ({
    facts: [],
    output: reply,
    audit: success(`role=${role} entity=${entityId}`),
  }),
});
