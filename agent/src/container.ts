/** Encrypted files of any size as streams in constant memory, in the age format; it never keeps a whole file. */
import { ReadableStream } from 'node:stream/web';
import { Decrypter, Encrypter, type Stanza } from 'age-encryption';
import { AgentError } from './errors.ts';
import type { KeyBytes } from './key-bytes.ts';
import { type FileKeyNames, namesIn, unwrapFileKey, wrapFileKey } from './okm-stanza.ts';

/** Our headers have under 300 bytes; other recipients in the same file may add theirs. */
const HEADER_BYTES_MAX = 65_536;
const HEADER_END = /^--- [^\n]*\n/m;

export type ByteStream = AsyncIterable<Uint8Array>;

/** Encrypts `source` under `key`; the header names the data unit and the key. */
export async function encryptStream(
  source: ByteStream,
  names: FileKeyNames,
  key: KeyBytes,
): Promise<ByteStream> {
  const encrypter = new Encrypter();
  encrypter.addRecipient({ wrapFileKey: (fileKey: Uint8Array) => [wrapFileKey(names, key, fileKey)] });
  return await encrypter.encrypt(ReadableStream.from(source) as globalThis.ReadableStream<Uint8Array>);
}

/**
 * Reads the header, asks `keyFor` for the key it names, and gives the content. The content is checked piece by piece:
 * what came out before an error is genuine but incomplete, and only a stream that ends without one is the whole file.
 */
export async function decryptStream(
  source: ByteStream,
  keyFor: (names: FileKeyNames) => Promise<KeyBytes>,
): Promise<ByteStream> {
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    async unwrapFileKey(stanzas: Stanza[]) {
      const found = namesIn(stanzas);
      if (found === null) throw new AgentError('damaged', 'the file was not encrypted with a key of a KMS');
      return unwrapFileKey(found.names, await own(keyFor(found.names)), found.stanza);
    },
  });
  const input = ReadableStream.from(withBoundedHeader(ownErrors(source)));
  try {
    return damageNamed(await decrypter.decrypt(input as globalThis.ReadableStream<Uint8Array>));
  } catch (error) {
    throw named(error, 'the header of the encrypted file was altered or cut short');
  }
}

/** The library reads header lines of any length; this ends a stream that never comes to the end of its header. */
async function* withBoundedHeader(source: ByteStream): AsyncGenerator<Uint8Array, void> {
  let start = Buffer.alloc(0);
  let inHeader = true;
  for await (const chunk of source) {
    if (!inHeader) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    const header = start.subarray(0, HEADER_BYTES_MAX).toString('latin1');
    inHeader = !HEADER_END.test(header);
    if (!inHeader) yield start;
    else if (start.length >= HEADER_BYTES_MAX)
      throw new AgentError('damaged', 'this is not an encrypted file');
  }
  if (inHeader) throw new AgentError('damaged', 'this is not an encrypted file, or it was cut short');
}

async function* damageNamed(content: ByteStream): AsyncGenerator<Uint8Array, void> {
  try {
    yield* content;
  } catch (error) {
    throw named(error, 'the encrypted file was altered or cut short');
  }
}

/** What another part of the program threw while the library was calling it; everything else is damage. */
class ForeignError extends Error {}

async function own<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    throw new ForeignError('', { cause: error });
  }
}

async function* ownErrors(source: ByteStream): AsyncGenerator<Uint8Array, void> {
  try {
    yield* source;
  } catch (error) {
    throw new ForeignError('', { cause: error });
  }
}

function named(error: unknown, damage: string): unknown {
  if (error instanceof ForeignError) return error.cause;
  return error instanceof AgentError ? error : new AgentError('damaged', damage, error);
}
