/** The modern proof (docs/proof.md) as an agent enrols with it: the agent makes its own key pair, and the private key never leaves it. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { EnrolmentProof, EnrolmentRequest } from './enrolment.ts';
import { AgentError } from './errors.ts';
import { canonical } from './proof-steps.ts';
import { ProofUnknownError, type Proven, provePassphrase } from './prove-passphrase.ts';

const MODULUS_BITS = 2048;

export const modernProof: EnrolmentProof = async (request) => {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const clientPublicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  const { caPem, reply } = await enrolled(request, clientPublicKey);
  return {
    caPem,
    certificatePem: canonical(reply.certificate, 'certificate'),
    privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};

async function enrolled(
  request: EnrolmentRequest,
  clientPublicKey: Uint8Array,
): Promise<Proven<'EnrolAgent'>> {
  try {
    return await provePassphrase(
      'EnrolAgent',
      { ...request, entityId: request.agentId, clientPublicKey },
      (common) => ({ ...common, clientPublicKey }),
    );
  } catch (error) {
    if (!(error instanceof ProofUnknownError)) throw error;
    throw new AgentError('failure', `${error.message}; where that is expected, enroll with --legacy`, error);
  }
}
