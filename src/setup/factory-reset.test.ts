/** A reset leaves nothing of a KMA, writes over what it removes where that is wanted, follows no links, and is ended by the next run. */
import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SecretBytes } from '../security/secret-bytes.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { enableAutonomousUnlock } from './autonomous-unlock-files.ts';
import { factoryReset, isResetBegun } from './factory-reset.ts';

const BYTES = 150_000;

/** With a name outside for each file that tells what became of its bytes. */
function kma(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-reset-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const directory = DataDirectory.create(join(folder, 'kma'));
  directory.writeLocal('log-seed', Buffer.alloc(32, 7));
  enableAutonomousUnlock(directory, new SecretBytes(Buffer.alloc(32, 9)));
  writeFileSync(directory.databasePath, Buffer.alloc(BYTES, 'k'));
  mkdirSync(join(directory.path, 'replication'));
  writeFileSync(join(directory.path, 'replication', 'log'), 'entries');
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  linkSync(directory.databasePath, join(outside, 'kma.db'));
  linkSync(join(directory.path, 'local', 'log-seed'), join(outside, 'log-seed'));
  writeFileSync(join(outside, 'of-others'), 'kept');
  symlinkSync(join(outside, 'of-others'), join(directory.path, 'link'));
  return { folder, directory, left: (name: string) => readFileSync(join(outside, name)) };
}

test('nothing is left of it, and what lies beside it and is not its own stays', (t) => {
  const { folder, directory, left } = kma(t);
  mkdirSync(`${directory.path}.joining`);
  const { files, bytes } = factoryReset(directory, false);
  assert.deepEqual(readdirSync(folder), ['outside']);
  assert.ok(files >= 5 && bytes > BYTES);
  assert.equal(left('of-others').toString(), 'kept');
  assert.equal(left('kma.db').length, BYTES, 'it was not written over');
});

test('where it is wanted every file is written over before it goes', (t) => {
  const { directory, left } = kma(t);
  factoryReset(directory, true);
  for (const name of ['kma.db', 'log-seed']) assert.equal(left(name).length, 0);
  assert.equal(left('of-others').toString(), 'kept');
});

test('the unlock key of another KMA stays', (t) => {
  const { directory } = kma(t);
  writeFileSync(`${directory.path}.unlock-key`, Buffer.alloc(32, 1), { mode: 0o600 });
  factoryReset(directory, true);
  assert.ok(existsSync(`${directory.path}.unlock-key`));
});

test('one that was cut short is known, and ended', (t) => {
  const { folder, directory } = kma(t);
  const stuck = join(directory.path, 'replication', 'log');
  rmSync(stuck);
  mkdirSync(stuck);
  symlinkSync('/proc/self/nothing', join(stuck, 'x'));
  assert.ok(!isResetBegun(directory.path));
  writeFileSync(join(directory.path, 'reset-begun'), '');
  rmSync(`${directory.path}.unlock-key`);
  rmSync(join(directory.path, 'local'), { recursive: true });
  assert.ok(isResetBegun(directory.path));
  factoryReset(directory, true);
  assert.deepEqual(readdirSync(folder), ['outside']);
});
