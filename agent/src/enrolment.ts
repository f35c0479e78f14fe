/** Enrolment (protocol 4): a passphrase becomes the agent's certificate; it stores nothing and sends no passphrase. */
import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { CHALLENGE_BYTES, canonicalPem, deriveSecret, proof, sameBytes } from '@openkma/protocol';
import { normalAddress, socketHost } from './address.ts';
import { AgentError, TransportError } from './errors.ts';
import { type TlsMinimum, Transport } from './transport.ts';

/** The ports are the same for every KMA of a cluster (protocol 1). */
export interface Ports {
  readonly ca: number;
  readonly certificate: number;
  readonly agent: number;
  readonly discovery: number;
}
export const DEFAULT_PORTS: Ports = { ca: 3331, certificate: 3332, agent: 3334, discovery: 3335 };

export interface EnrolmentRequest {
  readonly agentId: string;
  readonly address: string;
  readonly ports: Ports;
  readonly passphrase: Uint8Array;
  readonly minimumTls: TlsMinimum;
  readonly timeoutMs: number;
}

/** What the agent has after enrolment; the private key is an unencrypted PEM. */
export interface Credentials {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A way to prove the passphrase, both sides to each other, and to get a certificate for it. */
export type EnrolmentProof = (request: EnrolmentRequest) => Promise<Credentials>;

/** Enrols with one KMA: a name is resolved once, so that both steps reach the same machine. */
export async function obtainCredentials(
  request: EnrolmentRequest,
  prove: EnrolmentProof = legacyProof,
): Promise<Credentials> {
  const credentials = await prove({ ...request, address: await resolved(request.address) });
  checkCredentials(credentials);
  return credentials;
}

/** The challenge and response over SHA-1 that every KMA of this protocol knows (protocol 4.2). */
export const legacyProof: EnrolmentProof = async ({
  agentId,
  address,
  ports,
  passphrase,
  minimumTls,
  timeoutMs,
}) => {
  const limits = { minimumTls, timeoutMs };
  const root = await withTransport(new Transport(limits), (transport) =>
    transport.call({ address, port: ports.ca }, 'RetrieveRootCACertificate', { entityId: agentId }),
  );
  const caPem = canonical(root.rootCaCertificate, 'root CA certificate');
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

/** The certificate is of use only if the root issued it for the key that came with it. */
function checkCredentials({ caPem, certificatePem, privateKeyPem }: Credentials): void {
  const root = new X509Certificate(caPem);
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkIssued(root) || !certificate.verify(root.publicKey))
    throw new AgentError('failure', 'the certificate that the KMA sent was not issued by its root CA');
  if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem)))
    throw new AgentError(
      'failure',
      'the certificate and the private key that the KMA sent do not belong together',
    );
}

function canonical(pem: Uint8Array, what: string): string {
  try {
    // As text, so that DER is refused as agents do (protocol 4.1).
    return canonicalPem(Buffer.from(pem).toString('latin1'));
  } catch (error) {
    throw new AgentError('failure', `the ${what} that the KMA sent cannot be read`, error);
  }
}

function privateKeyOf(pem: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(pem), format: 'pem' });
  } catch {
    // The cause could quote the key.
    throw new AgentError('failure', 'the private key that the KMA sent cannot be read');
  }
}

async function resolved(address: string): Promise<string> {
  try {
    const { address: literal } = await lookup(socketHost(address));
    return normalAddress(literal) ?? literal;
  } catch (error) {
    throw new TransportError(`${address}: the name cannot be resolved`, error);
  }
}

async function withTransport<Result>(
  transport: Transport,
  work: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(transport);
  } finally {
    transport.close();
  }
}
