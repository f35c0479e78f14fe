/** The file of a member key: what is written opens with each root key material it is sealed under, and what cannot be opened is never written over. */
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { makeMemberKey, type Root, sealPrivateHalf } from '../security/member-key.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { DataDirectory } from '../store/data-directory.ts';
import { temporaryDirectory } from '../store/store.fixture.ts';
import { putDamagedAside, readMemberKeys, writeMemberKey } from './member-key-file.ts';

const LIFE = 'A'.repeat(16);
const rootOf = (digit: string): Root => ({
  rootEpochId: digit.repeat(32),
  rootKeyMaterial: new SecretBytes(randomBytes(32)),
});
const [before, today, later] = [rootOf('1'), rootOf('2'), rootOf('3')];
const [one, other] = [makeMemberKey(), makeMemberKey()];
const directoryOf = (t: TestContext) => DataDirectory.create(join(temporaryDirectory(t), 'kma'));
const opens = (directory: DataDirectory, key: KeyObject, ...roots: Root[]) =>
  readMemberKeys(directory, LIFE, roots).some((found) => createPublicKey(found).equals(createPublicKey(key)));

test('each of the root key materials that it is sealed under opens it, for that life alone', (t) => {
  const directory = directoryOf(t);
  assert.deepEqual(readMemberKeys(directory, LIFE, [today]), []);
  writeMemberKey(directory, LIFE, { under: [before, today], known: [before, today] }, one);
  assert.deepEqual([opens(directory, one, before), opens(directory, one, today)], [true, true]);
  assert.ok(!opens(directory, one, later));
  assert.deepEqual(readMemberKeys(directory, 'B'.repeat(16), [before, today]), []);
});

test('sealed anew it opens no more with what it was sealed under before', (t) => {
  const directory = directoryOf(t);
  writeMemberKey(directory, LIFE, { under: [before], known: [before] }, one);
  writeMemberKey(directory, LIFE, { under: [today], known: [before, today] }, one);
  assert.deepEqual([opens(directory, one, before), opens(directory, one, today)], [false, true]);
});

test('one that cannot be opened stays beside the new one, until its root key material is known', (t) => {
  const directory = directoryOf(t);
  writeMemberKey(directory, LIFE, { under: [today], known: [before, today] }, one);
  writeMemberKey(directory, LIFE, { under: [before], known: [before] }, other);
  assert.deepEqual([opens(directory, other, before), opens(directory, one, today)], [true, true]);
  writeMemberKey(directory, LIFE, { under: [later], known: [before, later] }, other);
  assert.deepEqual([opens(directory, other, before), opens(directory, other, later)], [false, true]);
  assert.ok(opens(directory, one, today));
});

test('a file of before, which holds one, is read', (t) => {
  const directory = directoryOf(t);
  const sealed = Buffer.from(sealPrivateHalf(today, LIFE, one)).toString('base64');
  const text = JSON.stringify({ incarnationId: LIFE, rootEpochId: today.rootEpochId, sealed });
  directory.writeLocal('member-key.json', Buffer.from(text));
  assert.ok(opens(directory, one, today));
});

test('a damaged file is put aside as it is, and what is in order stays', (t) => {
  const directory = directoryOf(t);
  assert.equal(putDamagedAside(directory), null, 'there is none');
  writeMemberKey(directory, LIFE, { under: [today], known: [today] }, one);
  assert.equal(putDamagedAside(directory), null);
  assert.ok(opens(directory, one, today));
  for (const damaged of ['', '{"half', '[]x', '{"incarnationId":1}']) {
    directory.writeLocal('member-key.json', Buffer.from(damaged));
    assert.equal(putDamagedAside(directory), 'member-key-damaged.json');
    assert.equal(directory.readLocal('member-key-damaged.json')?.toString(), damaged);
    assert.deepEqual(readMemberKeys(directory, LIFE, [today]), []);
  }
  writeMemberKey(directory, LIFE, { under: [today], known: [today] }, one);
  assert.ok(opens(directory, one, today));
});
