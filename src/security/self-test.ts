/** Known-answer tests of every primitive the product uses, through the functions it uses them with (FIPS 140-3, IG 10.3.A). It decides nothing. */
import {
  argon2,
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { hashPassphrase as sha1, unwrapKey, wrapKey } from '@openkma/protocol';
import { Decrypter } from 'age-encryption';
import { decrypt, encrypt } from './aead.ts';
import { decryptShare, encryptShare } from './credential-key.ts';
import { KwkTable } from './kwk.ts';
import { logPublicKey, signText, verifyText } from './log-signing.ts';
import { hashPassphrase } from './passphrase-hash.ts';
import { isRandomSourceAlive } from './random-source.ts';
import { deriveKey, openSealedObject, sealObject, sha256Hex } from './sealing.ts';
import { SecretBytes } from './secret-bytes.ts';
import * as vectors from './self-test-vectors.ts';
import { combineShares, splitSecret } from './shares.ts';

export interface KnownAnswerTest {
  readonly name: string;
  run(): boolean | Promise<boolean>;
}

/** The names of the tests that failed; a test that throws has failed. */
export async function runSelfTest(
  tests: readonly KnownAnswerTest[] = KNOWN_ANSWER_TESTS,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const test of tests) {
    try {
      if (!(await test.run())) failed.push(test.name);
    } catch {
      failed.push(test.name);
    }
  }
  return failed;
}

export const KNOWN_ANSWER_TESTS: readonly KnownAnswerTest[] = [
  { name: 'random source', run: () => isRandomSourceAlive() },
  { name: 'SHA-1', run: () => isHex(sha1(Buffer.from(vectors.HASHES.text)), vectors.HASHES.sha1) },
  { name: 'SHA-256', run: () => sha256Hex(Buffer.from(vectors.HASHES.text)) === vectors.HASHES.sha256 },
  { name: 'HMAC-SHA-1', run: () => hmac('sha1') },
  { name: 'HMAC-SHA-256', run: () => hmac('sha256') },
  { name: 'HKDF-SHA-256', run: hkdf },
  { name: 'AES-256-GCM', run: gcm },
  { name: 'AES-256-GCM round trip', run: gcmRoundTrip },
  { name: 'sealed objects', run: sealing },
  { name: 'AES-256 key wrap', run: keyWrap },
  { name: 'Argon2id', run: argon2id },
  { name: 'Argon2id of a passphrase', run: argon2idOfPassphrase },
  { name: 'RSASSA-PKCS1-v1_5', run: rsaSignature },
  { name: 'RSAES-PKCS1-v1_5', run: rsaDecryption },
  { name: 'key wrapping keys', run: keyWrappingKeys },
  { name: 'Ed25519', run: ed25519 },
  { name: 'X25519', run: x25519 },
  { name: 'shares encrypted to a person', run: encryptedShares },
  { name: 'secret sharing', run: sharing },
  { name: 'age', run: ageHeader },
];

function hmac(algorithm: 'sha1' | 'sha256'): boolean {
  const { key, text } = vectors.HMAC;
  return isHex(createHmac(algorithm, key).update(text).digest(), vectors.HMAC[algorithm]);
}

function hkdf(): boolean {
  return isHex(deriveKey(secret(vectors.HKDF.inputKey), '').reveal(), vectors.HKDF.output);
}

function gcm(): boolean {
  const { key, nonce, plaintext, ciphertext, tag } = vectors.GCM;
  const opened = decrypt(secret(key), '', bytes(nonce + ciphertext + tag));
  return opened !== null && isHex(opened.reveal(), plaintext);
}

function gcmRoundTrip(): boolean {
  const key = secret(vectors.GCM.key);
  const plaintext = secret(vectors.GCM.plaintext);
  const encrypted = encrypt(key, 'one', plaintext);
  const opened = decrypt(key, 'one', encrypted);
  const differs = !encrypted.includes(plaintext.reveal().subarray(0, 16));
  return (
    differs &&
    opened?.reveal().equals(plaintext.reveal()) === true &&
    decrypt(key, 'other', encrypted) === null &&
    decrypt(key, 'one', withLastByte(encrypted, (encrypted.at(-1) ?? 0) ^ 1)) === null
  );
}

function sealing(): boolean {
  const masterKey = secret(vectors.GCM.key);
  const meta = { id: '1', kind: 'self-test', owner: '2', epoch: '3' };
  const sealed = sealObject(masterKey, meta, secret(vectors.KEY_WRAP.key));
  return isHex(openSealedObject(masterKey, meta, sealed).reveal(), vectors.KEY_WRAP.key);
}

function keyWrap(): boolean {
  const { kek, key, wrapped } = vectors.KEY_WRAP;
  return (
    isHex(wrapKey(bytes(kek), bytes(key)), wrapped) &&
    isHex(unwrapKey(bytes(kek), bytes(wrapped)), key) &&
    throws(() => unwrapKey(bytes(key), bytes(wrapped)))
  );
}

/** With secret and associated data, which our own function has no use for. */
async function argon2id(): Promise<boolean> {
  const { passphrase, salt, associated, memoryKib, passes, lanes, output } = vectors.ARGON2;
  const derived = await promisify(argon2)('argon2id', {
    message: bytes(passphrase),
    nonce: bytes(salt),
    secret: bytes(vectors.ARGON2.secret),
    associatedData: bytes(associated),
    memory: memoryKib,
    passes,
    parallelism: lanes,
    tagLength: output.length / 2,
  });
  return isHex(derived, output);
}

async function argon2idOfPassphrase(): Promise<boolean> {
  const { passphrase, salt, output, ...cost } = vectors.ARGON2_PASSPHRASE;
  const derived = await hashPassphrase(SecretBytes.fromText(passphrase), Buffer.from(salt), cost);
  return isHex(derived.reveal(), output);
}

function rsaSignature(): boolean {
  const { publicKey, text, signature } = vectors.RSA_SIGNATURE;
  const key = createPublicKey({ key: bytes(publicKey), format: 'der', type: 'spki' });
  const fits = (message: string) => verify('sha256', Buffer.from(message), key, bytes(signature));
  return fits(text) && !fits(`${text}.`);
}

/** A damaged ciphertext gives the made-up plaintext and no error: implicit rejection, which the key wrapping keys rest on. */
function rsaDecryption(): boolean {
  const { text, ciphertext, lastByteOfDamaged, madeUp } = vectors.RSA_DECRYPTION;
  const key = { key: testKey(), padding: constants.RSA_PKCS1_PADDING };
  const damaged = bytes(ciphertext.slice(0, -2) + lastByteOfDamaged);
  return (
    privateDecrypt(key, bytes(ciphertext)).toString('latin1') === text &&
    isHex(privateDecrypt(key, damaged), madeUp)
  );
}

function keyWrappingKeys(): boolean {
  const privateKey = testKey();
  const publicKey = createPublicKey(privateKey);
  const table = new KwkTable({ privateKey, publicKey });
  const kwk = bytes(vectors.KEY_WRAP.kek);
  const sent = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, kwk);
  const substitute = table.decrypt(bytes(vectors.RSA_DECRYPTION.ciphertext)).reveal();
  const again = table.decrypt(bytes(vectors.RSA_DECRYPTION.ciphertext)).reveal();
  return (
    table.decrypt(sent).reveal().equals(kwk) && substitute.length === kwk.length && substitute.equals(again)
  );
}

function ed25519(): boolean {
  const { seed, publicKey, text, signature } = vectors.ED25519;
  return (
    logPublicKey(secret(seed)) === publicKey &&
    signText(secret(seed), text) === signature &&
    verifyText(publicKey, text, signature) &&
    !verifyText(publicKey, `${text}.`, signature)
  );
}

/** DER in front of raw keys (RFC 8410). */
const X25519_PKCS8 = '302E020100300506032B656E04220420';
const X25519_SPKI = '302A300506032B656E032100';

function x25519(): boolean {
  const { privateKey, publicKey, shared } = vectors.X25519;
  const made = diffieHellman({
    privateKey: createPrivateKey({ key: bytes(X25519_PKCS8 + privateKey), format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: bytes(X25519_SPKI + publicKey), format: 'der', type: 'spki' }),
  });
  return isHex(made, shared);
}

function encryptedShares(): boolean {
  const pair = generateKeyPairSync('x25519');
  const recipient = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const share = encryptShare(recipient, 'one', secret(vectors.KEY_WRAP.key));
  const opened = decryptShare(pair.privateKey, 'one', share);
  return (
    opened !== null &&
    isHex(opened.reveal(), vectors.KEY_WRAP.key) &&
    decryptShare(pair.privateKey, 'other', share) === null
  );
}

/** Any three of five give the secret, and two do not. */
async function sharing(): Promise<boolean> {
  const whole = vectors.KEY_WRAP.key;
  const [a, b, c, d, e] = await splitSecret(secret(whole), 5, 3);
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined)
    return false;
  const opens = async (shares: SecretBytes[], threshold: number) => {
    const combined = await combineShares(shares, threshold);
    return combined !== null && isHex(combined.reveal(), whole);
  };
  return (await opens([a, b, c], 3)) && (await opens([e, c, d], 3)) && !(await opens([a, b], 2));
}

/** X25519, HKDF, ChaCha20-Poly1305 and HMAC of the package that encrypts backups. */
async function ageHeader(): Promise<boolean> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(vectors.AGE.identity);
  return isHex(await decrypter.decryptHeader(Buffer.from(vectors.AGE.header)), vectors.AGE.fileKey);
}

function testKey() {
  const key = Buffer.from(vectors.RSA_DECRYPTION.privateKey, 'base64');
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}
function secret(hex: string): SecretBytes {
  return new SecretBytes(bytes(hex));
}
function isHex(actual: Uint8Array, expected: string): boolean {
  return Buffer.from(actual).toString('hex').toUpperCase() === expected;
}
function withLastByte(given: Uint8Array, last: number): Buffer {
  return Buffer.from([...given.subarray(0, -1), last]);
}
function throws(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}
