/** Encrypted files: what goes in comes out, and nothing altered does. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { decryptStream, encryptStream } from './container.ts';
import { AgentError } from './errors.ts';
import { KeyBytes } from './key-bytes.ts';
import { type FileKeyNames, STANZA_TYPE } from './okm-stanza.ts';

const names: FileKeyNames = {
  dataUnitId: '24072F2D9892BE582A1E7FB320BA76F6',
  keyId: '0000F293E1C6215923C757F3CA3183B6A7E89AB12251AE0806F776AB5E83',
};
const key = new KeyBytes(randomBytes(32));
const keyFor = async () => key;
const AGE_CHUNK_BYTES = 65_536;

async function* inPieces(content: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const encrypted = async (content: Uint8Array, pieceBytes = 4_096) =>
  await collected(await encryptStream(inPieces(content, pieceBytes), names, key));
const decrypted = async (file: Uint8Array, pieceBytes = 4_096) =>
  await collected(await decryptStream(inPieces(file, pieceBytes), keyFor));
const isDamage = (error: unknown) => error instanceof AgentError && error.kind === 'damaged';

test('gives back content of any size, in pieces of any size', async () => {
  const sizes = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.constantFrom(AGE_CHUNK_BYTES - 1, AGE_CHUNK_BYTES, AGE_CHUNK_BYTES + 1, 2 * AGE_CHUNK_BYTES, 200_000),
  );
  const pieces = fc.integer({ min: 7, max: 100_000 });
  await fc.assert(
    fc.asyncProperty(sizes, pieces, pieces, async (bytes, piecesIn, piecesOut) => {
      const content = randomBytes(bytes);
      assert.ok((await decrypted(await encrypted(content, piecesIn), piecesOut)).equals(content));
    }),
    { numRuns: 40 },
  );
});

test('is an age file that names its data unit and its key', async () => {
  const [version, stanza] = (await encrypted(Buffer.from('x'))).toString('latin1').split('\n');
  assert.equal(version, 'age-encryption.org/v1');
  assert.ok(stanza?.startsWith(`-> ${STANZA_TYPE} ${names.dataUnitId} ${names.keyId} `));
});

test('asks for the key that the file names, once', async () => {
  const asked: FileKeyNames[] = [];
  const stream = await decryptStream(inPieces(await encrypted(Buffer.from('x')), 10), async (found) => {
    asked.push(found);
    return key;
  });
  await collected(stream);
  assert.deepEqual(asked, [names]);
});

test('never encrypts twice alike', async () => {
  const content = Buffer.from('same');
  const [one, other] = await Promise.all([encrypted(content), encrypted(content)]);
  assert.ok(!one.equals(other));
  assert.notEqual(one.toString('latin1').split('\n')[1], other.toString('latin1').split('\n')[1]);
});

test('refuses a file with any one byte altered', async () => {
  const file = await encrypted(randomBytes(40));
  for (let at = 0; at < file.length; at++) {
    const altered = Buffer.from(file);
    altered[at] = (altered[at] ?? 0) ^ 1;
    await assert.rejects(decrypted(altered), isDamage, `byte ${at}`);
  }
});

test('refuses a file that is cut short anywhere, or has bytes after its end', async () => {
  const file = await encrypted(randomBytes(40));
  for (let bytes = 0; bytes < file.length; bytes++)
    await assert.rejects(decrypted(file.subarray(0, bytes)), isDamage, `${bytes} bytes`);
  await assert.rejects(decrypted(Buffer.concat([file, Buffer.from([0])])), isDamage);
});

test('gives only genuine content before it refuses', async () => {
  const content = randomBytes(3 * AGE_CHUNK_BYTES);
  const file = await encrypted(content);
  file[file.length - 1] = (file.at(-1) ?? 0) ^ 1;
  const chunks: Uint8Array[] = [];
  await assert.rejects(async () => {
    for await (const chunk of await decryptStream(inPieces(file, 4_096), keyFor)) chunks.push(chunk);
  }, isDamage);
  const before = Buffer.concat(chunks);
  assert.ok(before.equals(content.subarray(0, before.length)));
  assert.ok(before.length < content.length);
});

test('refuses another key', async () => {
  const file = await encrypted(Buffer.from('x'));
  const other = new KeyBytes(randomBytes(32));
  await assert.rejects(
    decryptStream(inPieces(file, 100), async () => other),
    isDamage,
  );
});

test('refuses a file for other recipients', async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(await generateIdentity()));
  await assert.rejects(decrypted(await encrypter.encrypt('x')), isDamage);
});

test('gives up on a header without an end', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    while (true) {
      given += 1_000;
      yield Buffer.alloc(1_000, 'a');
    }
  }
  await assert.rejects(decryptStream(endless(), keyFor), isDamage);
  assert.ok(given < 200_000, `${given} bytes were read`);
});

test('passes on what the key service and the input say, and does not call it damage', async () => {
  const denied = new AgentError('denied', 'no');
  const file = await encrypted(randomBytes(200_000));
  await assert.rejects(
    decryptStream(inPieces(file, 4_096), () => Promise.reject(denied)),
    (error) => error === denied,
  );
  const broken = new Error('disk');
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield file.subarray(0, 100_000);
    throw broken;
  }
  await assert.rejects(
    async () => collected(await decryptStream(breaking(), keyFor)),
    (error) => error === broken,
  );
});
