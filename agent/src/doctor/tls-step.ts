/** A TLS handshake that takes whatever certificate comes, so that it can be looked at; nothing is sent over the connection afterwards. */
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import type { TlsMinimum } from '../transport.ts';
import { LEGACY_CIPHERS, TLS_VERSIONS } from '../transport.ts';
import { type Finding, failed, ok, type Step, skipped, step } from './step.ts';

/** What shows who asks: a key and its certificate as PEM, or both as PKCS#12. */
export type Identity =
  | { readonly cert: string; readonly key: string }
  | { readonly pfx: Buffer; readonly passphrase: string };

export interface TlsWish {
  readonly minimumTls: TlsMinimum;
  readonly identity: Identity | null;
  /** What is to be spoken in TLS (ALPN), where the port tells by it. */
  readonly protocol?: string | undefined;
}

export interface Handshake {
  readonly step: Step;
  readonly socket: TLSSocket | null;
  readonly certificate: X509Certificate | null;
}

/** Of the handshake, and after it where the other side thinks it over: this side's certificate is missing or not taken. */
const ABOUT_CERTIFICATE =
  /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/;
const VERSION = /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE|UNSUPPORTED_SSL_VERSION/;
const NOT_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER|UNEXPECTED_MESSAGE/;

export async function tlsStep(tcp: Socket, wish: TlsWish, timeoutMs: number): Promise<Handshake> {
  const startedMs = performance.now();
  const { remoteAddress = '', remotePort = 0 } = tcp;
  const socket = connect({ socket: tcp, ...optionsOf(wish) });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(timeoutMs) });
    socket.on('error', () => undefined);
    const certificate = socket.getPeerX509Certificate() ?? null;
    const suite = `${socket.getProtocol()} ${socket.getCipher().name}`;
    return { step: step('tls', startedMs, ok(suite)), socket, certificate };
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    const found = failure(error, wish, timeoutMs);
    const finding =
      found.cause === 'tls-version'
        ? { ...found, detail: `${found.detail}; ${await spoken(remoteAddress, remotePort, timeoutMs)}` }
        : found;
    return { step: step('tls', startedMs, finding), socket: null, certificate: null };
  }
}

/** Whether the other side wants another certificate than it was shown, or one at all. */
export function isAboutCertificate(error: unknown): boolean {
  return ABOUT_CERTIFICATE.test((error as NodeJS.ErrnoException).code ?? '');
}

function optionsOf({ minimumTls, identity, protocol }: TlsWish) {
  const legacy = minimumTls === '1.0' || minimumTls === '1.1';
  return {
    ...(identity ?? {}),
    ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
    minVersion: TLS_VERSIONS[minimumTls],
    maxVersion: 'TLSv1.3' as SecureVersion,
    ...(legacy ? { ciphers: LEGACY_CIPHERS } : {}),
    // It is judged by the next step, which tells what is wrong with it.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  };
}

function failure(error: unknown, { minimumTls, identity }: TlsWish, timeoutMs: number): Finding {
  const { code = '', name, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError')
    return failed('tls-silent', `connected, and no handshake within ${timeoutMs / 1000} s`);
  if (isAboutCertificate(error))
    return identity === null
      ? skipped('no-identity', 'it asks for a certificate, and there is none here')
      : failed('identity-refused', `it does not take the certificate from here (${code})`);
  if (VERSION.test(code)) return failed('tls-version', `it does not speak TLS ${minimumTls} or later`);
  if (NOT_TLS.test(code)) return failed('tls-none', `what answers there is not TLS (${code})`);
  if (code === 'ECONNRESET') return failed('cut', 'the connection was closed within the handshake');
  return failed('tls-failed', code === '' ? message : code);
}

/** What somebody who takes anything would get. */
async function spoken(address: string, port: number, timeoutMs: number): Promise<string> {
  const tcp = connectTcp({ host: address, port });
  const socket = connect({ socket: tcp, ...optionsOf({ minimumTls: '1.0', identity: null }) });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(timeoutMs) });
    return `it speaks ${socket.getProtocol()}`;
  } catch {
    return 'no other version was found';
  } finally {
    tcp.on('error', () => undefined);
    socket.on('error', () => undefined).destroy();
  }
}
