/** Seals the credentials of a quorum to the KMA's core, for one request of one session (docs/proof.md, 11): nothing on the way can read them or use them for anything else. */
import { type Bytes, fields, fromHex, joined, toBase64, utf8 } from './bytes.ts';

export interface Credential {
  readonly name: string;
  readonly passphrase: string;
  /** Of a key split that is to be made. */
  readonly new?: true;
}

/** Whose request it is: the session, the operation as the KMA names it, and its whole input. */
export interface SealedFor {
  /** Upper-case hex, as ShowSession names it. */
  readonly session: string;
  /** OneTimePublicKey of the log-in, hex. */
  readonly sealingKey: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const BLOCK_BYTES = 1_024;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;

/** Base64. */
export async function seal(credentials: readonly Credential[], wanted: SealedFor): Promise<string> {
  const sealingKey = fromHex(wanted.sealingKey);
  const pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
  if (!('privateKey' in pair)) throw new TypeError('X25519 keys come in pairs');
  const boxKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const theirs = await crypto.subtle.importKey('raw', sealingKey, 'X25519', false, []);
  const shared = await crypto.subtle.deriveBits(
    { name: 'X25519', public: theirs },
    pair.privateKey,
    8 * KEY_BYTES,
  );
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
  const derived = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: joined([boxKey, sealingKey]), info: utf8('OpenKMA sealed box 1') },
    material,
    8 * (KEY_BYTES + NONCE_BYTES),
  );
  const key = await crypto.subtle.importKey('raw', derived.slice(0, KEY_BYTES), 'AES-GCM', false, [
    'encrypt',
  ]);
  const encrypted = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: derived.slice(KEY_BYTES), additionalData: await boundTo(wanted) },
    key,
    padded(credentials),
  );
  return toBase64(joined([Uint8Array.of(1), boxKey, new Uint8Array(encrypted)]));
}

async function boundTo({ session, operation, input }: SealedFor): Promise<Bytes> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(canonicalJson(input)));
  return fields([
    utf8('OpenKMA sealed credentials 1'),
    fromHex(session),
    utf8(operation),
    new Uint8Array(digest),
  ]);
}

/** Its length tells nothing of the passphrases. */
function padded(credentials: readonly Credential[]): Bytes {
  const named = credentials.map((credential) => ({ ...credential, name: credential.name.normalize('NFC') }));
  const text = utf8(JSON.stringify(named));
  const whole = new Uint8Array(Math.ceil(text.length / BLOCK_BYTES) * BLOCK_BYTES).fill(0x20);
  whole.set(text);
  return whole;
}

/** RFC 8785, every text in NFC; what is absent stays absent. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.normalize('NFC'));
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
