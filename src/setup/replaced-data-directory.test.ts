/** A restored data directory takes the place of the temporary one, wherever it is killed; and nothing else is touched. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DataDirectory } from '../store/data-directory.ts';
import { adoptRestored, restoringPathIn, wantRestored } from './replaced-data-directory.ts';

let folder: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openkma-replaced-'));
  data = join(folder, 'kma');
  directory(data, 'temporary');
  writeFileSync(`${data}.unlock-key`, 'of the temporary one');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function directory(path: string, whose: string): void {
  DataDirectory.create(path);
  writeFileSync(join(path, 'kma.db'), whose);
}
const whose = () => readFileSync(join(data, 'kma.db'), 'utf8');
const build = () => directory(restoringPathIn(data), 'restored');

/** As it is to be in the end, and stays. */
function assertReplaced(): void {
  assert.equal(whose(), 'restored');
  assert.equal(existsSync(`${data}.unlock-key`), false);
  assert.equal(existsSync(`${data}.replaced`), false);
  assert.equal(existsSync(`${data}.restored`), false);
  assert.equal(adoptRestored(data), false);
  assert.equal(whose(), 'restored');
}

test('what was built and is not wanted, or not finished, replaces nothing', () => {
  assert.equal(adoptRestored(data), false);
  build();
  assert.equal(adoptRestored(data), false);
  assert.equal(whose(), 'temporary');
  assert.equal(existsSync(`${data}.unlock-key`), true);
});

test('what is wanted takes the place', () => {
  build();
  wantRestored(data);
  assert.equal(adoptRestored(data), true);
  assertReplaced();
});

test('a directory that a KMA runs on stays', () => {
  build();
  wantRestored(data);
  const release = DataDirectory.at(data).lock();
  assert.equal(adoptRestored(data), false);
  assert.equal(whose(), 'temporary');
  release();
  assert.equal(adoptRestored(data), true);
});

test('killed after it was taken out: the next start goes on', () => {
  build();
  wantRestored(data);
  renameSync(join(data, 'restored'), `${data}.restored`);
  assert.equal(adoptRestored(data), true);
  assert.equal(whose(), 'restored');
  assert.equal(existsSync(`${data}.restored`), false);
});

test('killed while nothing is in the place: the next start puts it there', () => {
  build();
  wantRestored(data);
  renameSync(join(data, 'restored'), `${data}.restored`);
  writeFileSync(join(data, 'replaced-by-a-restored-one'), '');
  renameSync(data, `${data}.replaced`);
  assert.equal(adoptRestored(data), true);
  assertReplaced();
});

test('killed before what was replaced is gone: the next start removes it, and nothing of that name without the marker', () => {
  mkdirSync(`${data}.replaced`);
  writeFileSync(join(`${data}.replaced`, 'somebody else'), 'mine');
  assert.equal(adoptRestored(data), false);
  assert.equal(readFileSync(join(`${data}.replaced`, 'somebody else'), 'utf8'), 'mine');
  writeFileSync(join(`${data}.replaced`, 'replaced-by-a-restored-one'), '');
  assert.equal(adoptRestored(data), false);
  assert.equal(existsSync(`${data}.replaced`), false);
  assert.equal(whose(), 'temporary');
});
