/** Enrolment (protocol 4): a passphrase becomes the agent's certificate; it stores nothing and sends no passphrase. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { normalAddress, socketHost } from './address.ts';
import { AgentError, TransportError } from './errors.ts';
import { modernProof } from './modern-proof.ts';
import type { TlsMinimum } from './transport.ts';

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
  /** SHA-256 of the root CA's public key where it is known already, upper-case hex; another one is refused. */
  readonly pinnedCaKey: string | null;
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
  prove: EnrolmentProof = modernProof,
): Promise<Credentials> {
  const credentials = await prove({ ...request, address: await resolved(request.address) });
  checkCredentials(credentials);
  return credentials;
}

/** The certificate is of use only if the root issued it for the key that came with it. */
function checkCredentials({ caPem, certificatePem, privateKeyPem }: Credentials): void {
  const root = new X509Certificate(caPem);
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkIssued(root) || !certificate.verify(root.publicKey))
    throw new AgentError('failure', 'the certificate that the KMA sent was not issued by its root CA');
  if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem)))
    throw new AgentError(
      'failure',
      'the certificate that the KMA sent and the private key do not belong together',
    );
}

async function resolved(address: string): Promise<string> {
  try {
    const { address: literal } = await lookup(socketHost(address));
    return normalAddress(literal) ?? literal;
  } catch (error) {
    throw new TransportError(`${address}: the name cannot be resolved`, error);
  }
}
