/** The legacy proof (protocol 4.2): the SHA-1 challenge and response that every KMA of this protocol knows. It is used only where somebody asks for it. */
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { CHALLENGE_BYTES, deriveSecret, proof, sameBytes } from '@openkma/protocol';
import type { EnrolmentProof } from './enrolment.ts';
import { AgentError } from './errors.ts';
import { canonical, requirePinned, withTransport } from './proof-steps.ts';
import { Transport } from './transport.ts';

/** The KMA makes the private key and sends it inside TLS. */
export const legacyProof: EnrolmentProof = async ({
  agentId,
  address,
  ports,
  passphrase,
  minimumTls,
  timeoutMs,
  pinnedCaKey,
}) => {
  const limits = { minimumTls, timeoutMs };
  const root = await withTransport(new Transport(limits), (transport) =>
    transport.call({ address, port: ports.ca }, 'RetrieveRootCACertificate', { entityId: agentId }),
  );
  const caPem = canonical(root.rootCaCertificate, 'root CA certificate');
  requirePinned(caPem, pinnedCaKey);
  const secret = await deriveSecret(passphrase, root.authenticationHashIterationCount);
  const challenge = randomBytes(CHALLENGE_BYTES);
  try {
    const answer = await withTransport(new Transport({ ...limits, caPem }), (transport) =>
      transport.call({ address, port: ports.certificate }, 'RetrieveEntityCertificate', {
        entityId: agentId,
        clientAuthenticationResponse: proof(secret, caPem, root.clientAuthenticationChallenge),
        serverAuthenticationChallenge: challenge,
      }),
    );
    if (!sameBytes(answer.serverAuthenticationResponse, proof(secret, caPem, challenge)))
      throw new AgentError('denied', 'the KMA does not know the passphrase: this may be an impostor');
    return {
      caPem,
      certificatePem: canonical(answer.certificate, 'certificate'),
      privateKeyPem: privateKeyOf(answer.wrappedPrivateKeyMaterial)
        .export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    };
  } finally {
    secret.fill(0);
  }
};

function privateKeyOf(pem: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(pem), format: 'pem' });
  } catch {
    // The cause could quote the key.
    throw new AgentError('failure', 'the private key that the KMA sent cannot be read');
  }
}
