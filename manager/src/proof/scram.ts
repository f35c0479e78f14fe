/** The page's half of the passphrase proof (docs/proof.md, 4, 5 and 12): SCRAM over Argon2id, bound to the place the page came from. The passphrase goes nowhere. */
import { argon2id } from 'hash-wasm';
import { type Bytes, fields, fromBase64, fromHex, joined, same, uint32, utf8 } from './bytes.ts';

/** The KMA's answer to the first message. */
export interface Opening {
  readonly salt: string;
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
  /** PEM. */
  readonly rootCaCertificate: string;
  readonly serverChallenge: string;
  readonly oneTimePublicKey: string;
}

/** Below the least, somebody wants cheap guesses; above the most, somebody wants this machine's memory. */
const LEAST = { memoryKib: 19_456, passes: 2, lanes: 1 };
const MOST = { memoryKib: 262_144, passes: 16, lanes: 4 };
const KEY_BYTES = 32;

export class WeakCost extends Error {
  override readonly name = 'WeakCost';
}

export interface PageProof {
  readonly clientProof: Bytes;
  /** Whether the other side knows the passphrase's verifier. */
  accepts(serverSignature: Uint8Array): boolean;
}

export async function prove(
  user: string,
  passphrase: string,
  clientNonce: Bytes,
  opening: Opening,
  origin: string,
): Promise<PageProof> {
  const { memoryKib, passes, lanes } = opening;
  const within = (['memoryKib', 'passes', 'lanes'] as const).every(
    (part) => opening[part] >= LEAST[part] && opening[part] <= MOST[part],
  );
  if (!within) throw new WeakCost('the cost of the passphrase proof is out of bounds');
  const salted = await argon2id({
    password: passphrase.normalize('NFC'),
    salt: fromHex(opening.salt),
    memorySize: memoryKib,
    iterations: passes,
    parallelism: lanes,
    hashLength: KEY_BYTES,
    outputType: 'binary',
  });
  const message = transcript(user, clientNonce, opening, origin);
  const clientKey = await hmac(salted, utf8('Client Key'));
  const storedKey = new Uint8Array(await crypto.subtle.digest('SHA-256', clientKey));
  const signature = await hmac(storedKey, message);
  const expected = await hmac(await hmac(salted, utf8('Server Key')), message);
  return {
    clientProof: clientKey.map((byte, place) => byte ^ (signature[place] ?? 0)),
    accepts: (serverSignature) => same(serverSignature, expected),
  };
}

function transcript(user: string, clientNonce: Bytes, opening: Opening, origin: string): Bytes {
  const { memoryKib, passes, lanes } = opening;
  return fields([
    utf8('OpenKMA passphrase proof 1'),
    utf8('web'),
    utf8('user'),
    utf8(user),
    fromHex(opening.salt),
    joined([uint32(memoryKib), uint32(passes), uint32(lanes)]),
    derOf(opening.rootCaCertificate),
    clientNonce,
    fromHex(opening.serverChallenge),
    fromHex(opening.oneTimePublicKey),
    utf8(origin),
  ]);
}

function derOf(pem: string): Bytes {
  return fromBase64(pem.replaceAll(/-----[^-]+-----|\s/g, ''));
}

async function hmac(key: Uint8Array, message: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey(
    'raw',
    Uint8Array.from(key),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message));
}
