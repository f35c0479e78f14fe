/** A saved certificate of a user as a file, and what it takes to call with it. It asks for no passphrase, and writes no file that is there. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { caKeySha256 } from '@openkma/protocol';
import { OpenKmaError } from '../errors.ts';
import type { TlsIdentity } from './https-connection.ts';
import { type Place, shownCa } from './log-in.ts';

/** Who calls with it needs no log-in. */
export interface SavedCertificate {
  readonly place: Place;
  readonly caPem: string;
  readonly identity: TlsIdentity;
}

const FILE_BYTES_MAX = 65_536;
const OTHERS = 0o077;
const BLOCK = /-----BEGIN (CERTIFICATE|(?:[A-Z]+ )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/g;

/** What a saved file holds. */
export interface FileParts {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly rootCaPem: string;
}

/** The key, its certificate, and the root CA beside it: as openssl and curl take it too. */
export function pemFile(parts: FileParts): Buffer {
  const blocks = [parts.privateKeyPem, parts.certificatePem, parts.rootCaPem];
  return Buffer.from(blocks.map((block) => `${block.trim()}\n`).join(''));
}

/** Makes the file first, so that nothing is asked for that could not be kept; it goes again where `content` fails. */
export async function writeNewFile<T>(
  path: string,
  content: () => Promise<{ readonly bytes: Uint8Array; readonly result: T }>,
): Promise<T> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw new OpenKmaError('USAGE', error instanceof Error ? error.message : path);
  });
  try {
    const { bytes, result } = await content();
    await file.writeFile(bytes);
    await file.sync();
    return result;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** `passphrase` is asked only for PKCS#12. */
export async function readIdentity(path: string, passphrase: () => Promise<string>): Promise<TlsIdentity> {
  const bytes = await readPrivately(path);
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN ')) return pemIdentity(path, text);
  const identity = { pfx: bytes, passphrase: await passphrase() };
  try {
    createSecureContext(identity);
  } catch {
    throw new OpenKmaError('USAGE', `${path}: no PKCS#12 file that this passphrase opens`);
  }
  return identity;
}

function pemIdentity(path: string, text: string): TlsIdentity {
  const blocks = [...text.matchAll(BLOCK)];
  const key = blocks.find(([, kind]) => kind !== 'CERTIFICATE')?.[0];
  // The root CA may stand there too.
  const cert = blocks.find(
    ([block, kind]) => kind === 'CERTIFICATE' && key !== undefined && fits(block, key),
  )?.[0];
  if (key === undefined || cert === undefined)
    throw new OpenKmaError('USAGE', `${path} holds no private key with its certificate`);
  return { cert, key };
}

function fits(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

async function readPrivately(path: string): Promise<Buffer> {
  const { mode, size } = await stat(path).catch((error: unknown) => {
    throw new OpenKmaError('USAGE', error instanceof Error ? error.message : path);
  });
  if (size > FILE_BYTES_MAX) throw new OpenKmaError('USAGE', `${path} is too long for a certificate`);
  if ((mode & OTHERS) !== 0)
    throw new OpenKmaError('USAGE', `${path} can be read by others: chmod go-rwx ${path}`);
  return readFile(path);
}

/** The root CA as the KMA shows it now: only its key is pinned, since its certificate may have been renewed. */
export async function pinnedCa(place: Place, timeoutMs: number): Promise<string> {
  const shown = await shownCa(place, timeoutMs);
  const found = caKeySha256(shown);
  if (found !== place.caKeySha256)
    throw new OpenKmaError('KMA_NOT_TRUSTED', `its root CA has the key ${found}, not ${place.caKeySha256}`);
  return shown;
}
