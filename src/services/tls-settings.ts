/** TLS options of a listener by its service and the KMA's acceptable TLS versions (D7); it opens nothing and keeps no key. */
import { constants, X509Certificate } from 'node:crypto';
import type { SecureContextOptions, SecureVersion, TlsOptions } from 'node:tls';
import type { SoapPort, SoapService } from '../ports.ts';
import type { MinimumTls, TlsMaterial } from '../processes/messages.ts';

export const HANDSHAKE_TIMEOUT_MS = 20_000;
/** Under an hour; the core forgets a session earlier than OpenSSL would refuse it (D7). */
const SESSION_SECONDS = 3_300;

const SUITES =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256';
/** The only suite of old agents (protocol 1.2); it has no forward secrecy. */
const OLD_SUITE = 'AES256-SHA';

const VERSIONS: Readonly<Record<MinimumTls, SecureVersion>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

/** What may change while a listener is open. */
export function secureContext(service: SoapService, tls: TlsMaterial): SecureContextOptions {
  return {
    key: tls.privateKeyPem,
    cert: tls.certificatePem,
    ca: tls.caPem,
    ciphers: suites(tls),
    minVersion: VERSIONS[tls.minimumTls],
    maxVersion: 'TLSv1.3',
    honorCipherOrder: true,
    sessionIdContext: service,
    sessionTimeout: SESSION_SECONDS,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

const TLS13_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';

/**
 * Of the management port: TLS 1.3 whatever agents may use, a key exchange that holds against quantum computers where the
 * caller has it, and any certificate, or none, since callers are known by their keys. No session is kept, so each connection
 * proves the key.
 */
export function managementContext(tls: TlsMaterial): SecureContextOptions {
  return {
    key: tls.privateKeyPem,
    cert: tls.certificatePem,
    ca: [],
    ciphers: usesSha1(tls) ? `${TLS13_SUITES}:@SECLEVEL=0` : TLS13_SUITES,
    ecdhCurve: 'X25519MLKEM768:X25519:P-256',
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

export function managementTlsOptions(tls: TlsMaterial): TlsOptions {
  return {
    ...managementContext(tls),
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
}

/** Callers without a certificate of this cluster get no further than the handshake where one is needed, but for managers at discovery. */
export function tlsOptions(port: Pick<SoapPort, 'service' | 'transport'>, tls: TlsMaterial): TlsOptions {
  const mutual = port.transport === 'mutual-tls';
  return {
    ...secureContext(port.service, tls),
    requestCert: mutual,
    // There own-key-callers.ts decides, before anything is read.
    rejectUnauthorized: mutual && port.service !== 'discovery',
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
}

/** OpenSSL's level 0 admits TLS 1.0 and SHA-1 signatures; it is taken only where one of them is needed. */
function suites(tls: TlsMaterial): string {
  const versions = tls.minimumTls === '1.3' ? SUITES : `${SUITES}:${OLD_SUITE}`;
  const level0 = tls.minimumTls === '1.0' || tls.minimumTls === '1.1' || usesSha1(tls);
  return level0 ? `${versions}:@SECLEVEL=0` : versions;
}

function usesSha1(tls: TlsMaterial): boolean {
  return [tls.caPem, tls.certificatePem].some((pem) =>
    /sha1/i.test(new X509Certificate(pem).signatureAlgorithm ?? ''),
  );
}

/** The protocol version inside OpenSSL's serialised session: SEQUENCE, INTEGER 1, INTEGER version. */
const TLS13_MARK = Buffer.from([0x02, 0x01, 0x01, 0x02, 0x02, 0x03, 0x04]);
const MARK_WITHIN_BYTES = 16;

/** TLS 1.3 resumption needs tickets used once each, so those sessions are not kept. */
export function isTls13Session(data: Buffer): boolean {
  return data.subarray(0, MARK_WITHIN_BYTES).includes(TLS13_MARK);
}
