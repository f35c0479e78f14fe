/** Credentials of a quorum on their way to the core of a KMA: sealed at the client for one request of one session (docs/proof.md, 11). It judges no credential. */
import { canonicalSha256 } from './canonical-json.ts';
import { joinedFields } from './joined-fields.ts';
import { openBox, sealBox } from './sealed-box.ts';

const VERSION = 'OpenKMA sealed credentials 1';
/** Lengths of names and passphrases are nobody's business: boxes differ by this many bytes only. */
const PADDED_TO_BYTES = 1024;

/** The request that the credentials are for; no other request is served with them. */
export interface SealedFor {
  /** SHA-256 of the SubjectPublicKeyInfo of the key of the session. */
  readonly clientKeySha256: Uint8Array;
  readonly operation: string;
  /** As the client gives it, without defaults. */
  readonly input: unknown;
}

export interface PlainCredential {
  readonly name: string;
  readonly passphrase: string;
  /** Of a key split that is to be made. */
  readonly new?: true | undefined;
}

/** `publicKey` is the OneTimePublicKey of the log-in: the server signature covers it. */
export function sealCredentials(
  publicKey: Uint8Array,
  request: SealedFor,
  credentials: readonly PlainCredential[],
): Buffer {
  const plaintext = credentialsText(credentials);
  const box = sealBox(publicKey, sealedFor(request), plaintext);
  plaintext.fill(0);
  return box;
}

/** The text inside, which is proven to come from the session's client but not to be of any form; null where it is for another request. */
export function openCredentials(privateKey: Uint8Array, request: SealedFor, box: Uint8Array): Buffer | null {
  return openBox(privateKey, sealedFor(request), box);
}

/** JSON, with blanks at its end. */
export function credentialsText(credentials: readonly PlainCredential[]): Buffer {
  const fields = credentials.map((given) => ({ ...given, name: given.name.normalize('NFC') }));
  const text = Buffer.from(JSON.stringify(fields), 'utf8');
  const padded = Buffer.alloc(Math.ceil(text.length / PADDED_TO_BYTES) * PADDED_TO_BYTES, ' ');
  text.copy(padded);
  text.fill(0);
  return padded;
}

export function sealedFor({ clientKeySha256, operation, input }: SealedFor): Buffer {
  return joinedFields([
    Buffer.from(VERSION, 'utf8'),
    clientKeySha256,
    Buffer.from(operation, 'utf8'),
    canonicalSha256(input),
  ]);
}
