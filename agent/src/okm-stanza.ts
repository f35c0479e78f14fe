/** The part of an encrypted file's header that names its data unit and key, and holds its file key; it fetches no key. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { DATA_UNIT_ID_HEX, KEY_BYTES, KEY_ID_HEX } from '@openkma/protocol';
import { Stanza } from 'age-encryption';
import { AgentError } from './errors.ts';
import type { KeyBytes } from './key-bytes.ts';

/** The type of our stanza among those of the age format (age-encryption.org/v1). */
export const STANZA_TYPE = 'openkma.org/v1/okm';

/** What a file says about the key that opens it. */
export interface FileKeyNames {
  readonly dataUnitId: string;
  readonly keyId: string;
}

const SALT_BYTES = 16;
const FILE_KEY_BYTES = 16;
const TAG_BYTES = 16;
const AEAD = 'chacha20-poly1305';
/** Each salt gives a key of its own, which encrypts once. */
const NONCE = Buffer.alloc(12);

/** `-> openkma.org/v1/okm DATA-UNIT-ID KEY-ID SALT` over the wrapped file key. */
export function wrapFileKey(names: FileKeyNames, key: KeyBytes, fileKey: Uint8Array): Stanza {
  const salt = randomBytes(SALT_BYTES);
  const cipher = createCipheriv(AEAD, wrappingKey(names, key, salt), NONCE, { authTagLength: TAG_BYTES });
  const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
  return new Stanza([STANZA_TYPE, names.dataUnitId, names.keyId, unpadded(salt)], body);
}

/** The names in the first stanza of our type; null when the file is for others only. */
export function namesIn(stanzas: readonly Stanza[]): { names: FileKeyNames; stanza: Stanza } | null {
  const stanza = stanzas.find(({ args }) => args[0] === STANZA_TYPE);
  if (stanza === undefined) return null;
  const [, dataUnitId = '', keyId = ''] = stanza.args;
  if (stanza.args.length !== 4 || !isId(dataUnitId, DATA_UNIT_ID_HEX) || !isId(keyId, KEY_ID_HEX))
    throw damagedHeader();
  return { names: { dataUnitId, keyId }, stanza };
}

/** The file key; throws when the key is another one, or a byte of the stanza was altered. */
export function unwrapFileKey(names: FileKeyNames, key: KeyBytes, stanza: Stanza): Uint8Array {
  const text = stanza.args[3] ?? '';
  const salt = Buffer.from(text, 'base64');
  if (salt.length !== SALT_BYTES || unpadded(salt) !== text) throw damagedHeader();
  if (stanza.body.length !== FILE_KEY_BYTES + TAG_BYTES) throw damagedHeader();
  const decipher = createDecipheriv(AEAD, wrappingKey(names, key, salt), NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(stanza.body.subarray(FILE_KEY_BYTES));
  try {
    return Buffer.concat([decipher.update(stanza.body.subarray(0, FILE_KEY_BYTES)), decipher.final()]);
  } catch {
    throw damagedHeader();
  }
}

/** HKDF-SHA-256 (RFC 5869), bound to the names so that they cannot be exchanged. */
function wrappingKey({ dataUnitId, keyId }: FileKeyNames, key: KeyBytes, salt: Uint8Array): Uint8Array {
  const info = `${STANZA_TYPE} ${dataUnitId} ${keyId}`;
  return new Uint8Array(hkdfSync('sha256', key.reveal(), salt, info, KEY_BYTES));
}

function isId(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9A-F]+$/.test(text);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function damagedHeader(): AgentError {
  return new AgentError('damaged', 'the header of the encrypted file was altered');
}
