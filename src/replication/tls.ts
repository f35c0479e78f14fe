/** TLS of port 3336, on both sides: 1.3 only, a certificate of the cluster's CA on each side, no resumption. It knows no member. */
import { constants, createHash, X509Certificate } from 'node:crypto';
import type { ConnectionOptions, SecureContextOptions, TLSSocket, TlsOptions } from 'node:tls';

export interface ReplicationTls {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly caPem: string;
}

const SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
/** Both sides are ours, so that the first is what is used. */
const GROUPS = 'X25519MLKEM768:X25519:P-256';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const NAME_CHARACTERS_MAX = 64;
export const HANDSHAKE_TIMEOUT_MS = 20_000;

/** What may change while the port is open. */
export function replicationContext(tls: ReplicationTls): SecureContextOptions {
  return {
    key: tls.privateKeyPem,
    cert: tls.certificatePem,
    ca: tls.caPem,
    ciphers: usesSha1(tls) ? `${SUITES}:@SECLEVEL=0` : SUITES,
    ecdhCurve: GROUPS,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** Whoever has no certificate of the cluster gets no further than the handshake. */
export function serverOptions(tls: ReplicationTls, protocols: readonly string[]): TlsOptions {
  return {
    ...replicationContext(tls),
    ALPNProtocols: [...protocols],
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
}

/** The name in the certificate says nothing: which KMA it is, the caller of this tells by its key. */
export function clientOptions(tls: ReplicationTls, protocol: string): ConnectionOptions {
  return {
    ...replicationContext(tls),
    ALPNProtocols: [protocol],
    rejectUnauthorized: true,
    checkServerIdentity: () => undefined,
  };
}

/** SHA-256 of the public key that the other side has just proven to hold, upper-case hex; empty without a certificate. */
export function peerKeySha256(socket: TLSSocket): string {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? '' : keySha256(certificate);
}

/** Of a KMA's certificate, which serves as well as it calls; null of an agent's or a user's. */
export function kmaNameOf(socket: TLSSocket): string | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate?.keyUsage?.includes(SERVER_AUTH) !== true) return null;
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1]?.slice(0, NAME_CHARACTERS_MAX) ?? null;
}

function keySha256({ publicKey }: X509Certificate): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').toUpperCase();
}

/** A cluster may still have a root signed with SHA-1, which OpenSSL takes at level 0 only. */
function usesSha1({ caPem, certificatePem }: ReplicationTls): boolean {
  return [caPem, certificatePem].some((pem) =>
    /sha1/i.test(new X509Certificate(pem).signatureAlgorithm ?? ''),
  );
}
