/** Directories for backups: made with those above, or refused at once. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OpenKmaError } from '../errors.ts';
import { makeDirectory } from './make-directory.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-make-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const refused = (path: string) =>
  assert.throws(
    () => makeDirectory(path),
    (error) => error instanceof OpenKmaError && error.code === 'USAGE',
  );

test('made with those above it, for its owner alone; or it was there', () => {
  const path = join(folder, 'a', 'b');
  assert.equal(makeDirectory(path), true);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(makeDirectory(path), false);
});

test('where nothing can be made it says so at once: /proc, which answers as if the one above were missing', () => {
  refused('/proc/openkma/backups');
});

test('what is no directory is none', () => {
  writeFileSync(join(folder, 'file'), '');
  refused(join(folder, 'file'));
  refused(join(folder, 'file', 'below'));
  assert.equal(existsSync(join(folder, 'file', 'below')), false);
});
