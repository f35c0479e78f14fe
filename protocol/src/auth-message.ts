/** The transcript that both sides of the modern proof sign (docs/proof.md, 5): unambiguous bytes, so that no two exchanges have one. It checks nothing. */
import { hash, X509Certificate } from 'node:crypto';
import { joinedFields, uint32 } from './joined-fields.ts';
import type { Argon2Cost } from './proof-cost.ts';

/** Who proves a passphrase; a verifier of one role is no other role's. */
export const PROOF_ROLES = ['agent', 'user', 'kma'] as const;
export type ProofRole = (typeof PROOF_ROLES)[number];

const VERSION = 'OpenKMA passphrase proof 1';
/** RFC 9266: what binds a proof to the one TLS connection it is sent over. */
export const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
export const EXPORTER_BYTES = 32;
export const NONCE_BYTES = 32;
/** X25519, as it is on the wire. */
export const ONE_TIME_KEY_BYTES = 32;

/** What both sides know after the first message. */
export interface ProofOpening {
  readonly role: ProofRole;
  readonly entityId: string;
  readonly salt: Uint8Array;
  readonly cost: Argon2Cost;
  /** The certificate in DER, so that it does not matter how its PEM was broken into lines. */
  readonly caCertificate: Uint8Array;
  readonly clientNonce: Uint8Array;
  readonly serverChallenge: Uint8Array;
  readonly oneTimePublicKey: Uint8Array;
}

/** What ties the proof to the way it goes: here TLS, whose end points both have these bytes and nobody else. */
export interface TlsChannel {
  readonly channel: 'tls';
  readonly exporter: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo that the client made itself. */
  readonly clientKeySha256: Uint8Array;
}

/** A page in a browser, which sees nothing of its TLS connection: what it knows is where it came from. */
export interface WebChannel {
  readonly channel: 'web';
  /** As browsers write it (RFC 6454): "https://192.0.2.1" or "https://kma-1.example:8443". */
  readonly origin: string;
}

export type ProofChannel = TlsChannel | WebChannel;

/** Fields in fixed order and, for each channel, number, each behind its length in four bytes: nothing can move from one into the next. */
export function authMessage(opening: ProofOpening, channel: ProofChannel): Buffer {
  const { cost } = opening;
  return joinedFields([
    text(VERSION),
    text(channel.channel),
    text(opening.role),
    text(opening.entityId),
    opening.salt,
    Buffer.concat([uint32(cost.memoryKib), uint32(cost.passes), uint32(cost.lanes)]),
    opening.caCertificate,
    opening.clientNonce,
    opening.serverChallenge,
    opening.oneTimePublicKey,
    ...ofChannel(channel),
  ]);
}

function ofChannel(channel: ProofChannel): readonly Uint8Array[] {
  return channel.channel === 'tls' ? [channel.exporter, channel.clientKeySha256] : [text(channel.origin)];
}

/** SHA-256 of a public key's SubjectPublicKeyInfo. */
export function publicKeySha256(spki: Uint8Array): Buffer {
  return hash('sha256', spki, 'buffer');
}

/** What clients pin: the key survives a renewed certificate. Upper-case hex. */
export function caKeySha256(caPem: string | Uint8Array): string {
  const spki = new X509Certificate(caPem).publicKey.export({ type: 'spki', format: 'der' });
  return publicKeySha256(spki).toString('hex').toUpperCase();
}

function text(value: string): Buffer {
  return Buffer.from(value, 'utf8');
}
