/** Pairwise consistency of new key pairs (FIPS 140-3, IG 10.3.A): a pair damaged in the making must not leave the house. It keeps no key. */
import {
  constants,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
} from 'node:crypto';
import { logPublicKey, signText, verifyText } from './log-signing.ts';
import type { SecretBytes } from './secret-bytes.ts';

const PROBE = Buffer.from('openkma pairwise consistency ...');
/** One bad pair may be a cosmic ray; another says that something is broken. */
export const BAD_PAIRS_MAX = 2;

export class BadPairError extends Error {
  override readonly name = 'BadPairError';
  constructor(kind: string) {
    super(`the halves of a new ${kind} key pair do not fit together`);
  }
}

/** Both uses, since a damaged CRT parameter may spoil one and not the other. */
export function assertRsaPair(publicKey: KeyObject, privateKey: KeyObject): void {
  const fits = attempt(() => {
    const padding = constants.RSA_PKCS1_PADDING;
    const encrypted = publicEncrypt({ key: publicKey, padding }, PROBE);
    return (
      verify('sha256', PROBE, publicKey, sign('sha256', PROBE, privateKey)) &&
      privateDecrypt({ key: privateKey, padding }, encrypted).equals(PROBE)
    );
  });
  if (!fits) throw new BadPairError('RSA');
}

/** The public half comes from the seed each time, so it is the signature that is checked. */
export function assertLogSeed(seed: SecretBytes): void {
  const text = PROBE.toString('latin1');
  if (!attempt(() => verifyText(logPublicKey(seed), text, signText(seed, text))))
    throw new BadPairError('Ed25519');
}

export function assertX25519Pair(publicKey: KeyObject, privateKey: KeyObject): void {
  const fits = attempt(() => {
    const other = generateKeyPairSync('x25519');
    const ours = diffieHellman({ privateKey, publicKey: other.publicKey });
    return ours.equals(diffieHellman({ privateKey: other.privateKey, publicKey }));
  });
  if (!fits) throw new BadPairError('X25519');
}

/** What `make` makes, where it checks its own pairs: once more after a bad one, then the error goes on. */
export async function makeSound<T>(make: () => T | Promise<T>): Promise<T> {
  for (let bad = 0; ; ) {
    try {
      return await make();
    } catch (error) {
      bad += 1;
      if (!(error instanceof BadPairError) || bad >= BAD_PAIRS_MAX) throw error;
    }
  }
}

function attempt(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
