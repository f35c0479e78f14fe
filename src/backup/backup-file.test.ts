/** The backup file where it is damaged: an error, and no file stays open. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { until } from '../../test/support/until.ts';
import { decryptFile, encryptFile, makeBackupKey } from './backup-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-test-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const plain = Buffer.alloc(700_000, 7);
writeFileSync(at('plain'), plain);
const { identity, recipient } = await makeBackupKey();
await encryptFile(at('plain'), at('sound'), recipient);
const openFiles = () => readdirSync('/proc/self/fd').length;

test('what was encrypted is decrypted', async () => {
  const { bytes } = await decryptFile(at('sound'), at('decrypted'), identity);
  assert.equal(bytes, plain.length);
  assert.deepEqual(readFileSync(at('decrypted')), plain);
});

test('a backup damaged anywhere is an error, and leaves no file open', async () => {
  const sound = readFileSync(at('sound'));
  const before = openFiles();
  for (const place of [3, 100, 190, 400, sound.length >> 1, sound.length - 1])
    for (let round = 0; round < 3; round++) {
      const damaged = Buffer.from(sound);
      damaged[place] = (damaged[place] ?? 0) ^ 1;
      writeFileSync(at('damaged'), damaged);
      await assert.rejects(decryptFile(at('damaged'), at(`never-${place}-${round}`), identity));
    }
  await until('all files are closed', () => openFiles() <= before);
});
