/** A user's log-in from elsewhere: proves the passphrase over 3331 and 3332 (docs/proof.md) and makes a session of a new key. The passphrase is not sent. */
import { type ProofPlace, provePassphrase, shownRootCa } from '@openkma/agent';
import { publicKeySha256 } from '@openkma/protocol';
import { OpenKmaError } from '../errors.ts';
import { PORTS, type ServiceName } from '../ports.ts';
import { makeSessionKey, type SessionKey } from './client-certificate.ts';
import { clientError } from './failure.ts';

/** One KMA, and which root CA it must show. */
export interface Place {
  readonly address: string;
  /** Added to every port. */
  readonly portOffset: number;
  /** SHA-256 of the root CA's public key, upper-case hex. */
  readonly caKeySha256: string;
}

/** A log-in at one KMA: who has this can act in the user's name there until it ends. */
export interface Session {
  readonly place: Place;
  readonly user: string;
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** X25519 key of the KMA that quorum credentials are sealed to, hex. */
  readonly sealingKey: string;
  /** When it ends at the latest, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface LogInRequest {
  readonly place: Place;
  readonly user: string;
  readonly passphrase: string;
  readonly timeoutMs: number;
  /** Of a session whose place the new one takes; a new key otherwise. */
  readonly key?: SessionKey;
}

export const portOf = ({ portOffset }: Pick<Place, 'portOffset'>, service: ServiceName): number => {
  const row = PORTS.find((port) => port.service === service);
  if (row === undefined) throw new TypeError(`there is no service ${service}`);
  return row.port + portOffset;
};

export async function logIn(request: LogInRequest): Promise<Session> {
  const { place, timeoutMs } = request;
  // As names are kept (docs/proof.md): a keyboard may give another spelling.
  const user = request.user.normalize('NFC');
  const passphrase = Buffer.from(request.passphrase);
  try {
    const key = request.key ?? (await makeSessionKey(Date.now()));
    const proof = {
      ...proofPlace(place, timeoutMs),
      entityId: user,
      passphrase,
      pinnedCaKey: place.caKeySha256,
      clientPublicKey: key.publicKey,
    };
    const { reply, caPem, oneTimePublicKey } = await provePassphrase('LogInUser', proof, (common) => ({
      ...common,
      clientKeySha256: publicKeySha256(key.publicKey),
    }));
    return {
      place,
      user,
      caPem,
      certificatePem: key.certificatePem,
      privateKeyPem: key.privateKeyPem,
      sealingKey: Buffer.from(oneTimePublicKey).toString('hex'),
      expiresAtMs: reply.expiresAt,
    };
  } catch (error) {
    throw refusedLogIn(clientError(error));
  } finally {
    passphrase.fill(0);
  }
}

/** The same for every name: a KMA that makes somebody wait does not say whether he exists. */
function refusedLogIn(error: unknown): unknown {
  if (!(error instanceof OpenKmaError && error.code === 'SERVER_BUSY')) return error;
  return new OpenKmaError(
    'SERVER_BUSY',
    'it has no time, or too many wrong passphrases were given for this name or from this address; wait some minutes, or have a Security Officer set a new passphrase',
  );
}

/** The certificate a KMA shows to anybody: to be compared before it is pinned. */
export async function shownCa(place: Omit<Place, 'caKeySha256'>, timeoutMs: number): Promise<string> {
  try {
    return await shownRootCa(proofPlace(place, timeoutMs));
  } catch (error) {
    throw clientError(error);
  }
}

/** Proofs are bound to TLS 1.3 connections, whatever agents may use. */
export function proofPlace(place: Omit<Place, 'caKeySha256'>, timeoutMs: number): ProofPlace {
  const ports = { ca: portOf(place, 'ca'), certificate: portOf(place, 'certificate') };
  return { address: place.address, ports, minimumTls: '1.3', timeoutMs };
}
