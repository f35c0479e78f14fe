/** Files that are sent to an empty KMA: in order, bounded, and with nothing of it where nobody sends any. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withCore } from '../../../test/support/core-alone.ts';
import { TestKma } from '../../../test/support/kma.ts';
import { isRefusal } from '../../core/refusal.ts';

const kma = await TestKma.start({ bare: true });
await kma.stop();
after(() => kma[Symbol.asyncDispose]());

const refusal = (answer: unknown) => (isRefusal(answer) ? answer.refused : answer);

test('looking at what is there makes nothing, so erasures are confirmed as before', () =>
  withCore(kma.data, async ({ core, directory }) => {
    assert.deepEqual(await core.parts.restore.files(), []);
    assert.deepEqual(directory.listStaging(), []);
    assert.equal(existsSync(join(kma.data, 'restore-files')), false);
  }));

test('a piece may come again, goes on after what is there, and leaves no gap', () =>
  withCore(kma.data, async ({ core }) => {
    const { restore } = core.parts;
    assert.equal(await restore.write('backup', 0, Buffer.from('abcdef')), 6);
    assert.equal(await restore.write('backup', 6, Buffer.from('ghi')), 9);
    assert.equal(await restore.write('backup', 6, Buffer.from('ghi')), 9);
    assert.equal(refusal(await restore.write('backup', 10, Buffer.from('x'))), 'INVALID_PARAMETERS');
    const [file] = (await restore.files()) as readonly { readonly bytes: number; readonly sha256: string }[];
    assert.equal(file?.bytes, 9);
    assert.equal(file?.sha256, '19CC02F26DF43CC571BC9ED7B0C4D29224A3EC229529221725EF76D021C8326F');
    assert.equal(await restore.write('backup', 0, Buffer.from('x')), 1, 'what was after it is forgotten');
  }));

test('files of text have a bound, and what was sent does not outlive the core', async () => {
  await withCore(kma.data, async ({ core }) => {
    const { restore } = core.parts;
    const bytes = new Uint8Array(128 * 1024);
    for (let at = 0; at < 2 * 1024 * 1024; at += bytes.length)
      assert.equal(await restore.write('key', at, bytes), at + bytes.length);
    assert.equal(refusal(await restore.write('key', 2 * 1024 * 1024, bytes)), 'INVALID_PARAMETERS');
  });
  assert.equal(existsSync(join(kma.data, 'restore-files')), true);
  await withCore(kma.data, async ({ core }) => assert.deepEqual(await core.parts.restore.files(), []));
});

test('files that are not those that were meant open nothing', () =>
  withCore(kma.data, async ({ core }) => {
    const { restore } = core.parts;
    await restore.write('key', 0, Buffer.from('{}'));
    const wanted = { backup: 'A'.repeat(64), key: 'A'.repeat(64), 'core-security': 'A'.repeat(64) };
    const answer = await restore.run(wanted, [], 'by=nobody', () => undefined);
    assert.equal(refusal(answer), 'BACKUP_FILE_INVALID');
    assert.equal(restore.built, false);
  }));
