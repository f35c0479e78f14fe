/** A restored data directory takes the place of the temporary one around it, wherever it is killed; and nothing else is touched. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DataDirectory } from '../store/data-directory.ts';
import {
  adoptRestored,
  isRestoredWanted,
  removeHalfRestored,
  restoringPathIn,
  wantRestored,
} from './replaced-data-directory.ts';

let folder: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openkma-replaced-'));
  data = join(folder, 'kma');
  directory(data, 'temporary');
  writeFileSync(`${data}.unlock-key`, 'of the temporary one');
  writeFileSync(join(data, 'reserve'), 'of the temporary one');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function directory(path: string, whose: string): void {
  DataDirectory.create(path);
  writeFileSync(join(path, 'kma.db'), whose);
  writeFileSync(join(path, 'local', 'whose'), whose);
}
const whose = () =>
  [join(data, 'kma.db'), join(data, 'local', 'whose')].map((path) => readFileSync(path, 'utf8'));
const build = () => directory(restoringPathIn(data), 'restored');
const buildWanted = () => {
  build();
  wantRestored(data);
};
const adopted = (...names: string[]) => join(data, 'adopted', ...names);
/** As a run leaves it that was killed after it had cleared the place. */
function cleared(): void {
  buildWanted();
  renameSync(join(data, 'restored'), adopted());
  for (const name of ['kma.db', 'local', 'staging', 'reserve'])
    rmSync(join(data, name), { recursive: true, force: true });
  writeFileSync(adopted('the-place-is-cleared'), '');
}

/** As it is to be in the end, and stays. */
function assertReplaced(): void {
  assert.deepEqual(whose(), ['restored', 'restored']);
  assert.deepEqual(readdirSync(data).sort(), ['kma.db', 'local', 'lock.db', 'staging']);
  assert.equal(adoptRestored(data), false);
  assert.deepEqual(whose(), ['restored', 'restored']);
}

test('what was built and is not wanted replaces nothing, and is removed by who holds the directory', () => {
  assert.equal(adoptRestored(data), false);
  build();
  mkdirSync(`${restoringPathIn(data)}.new-1234`);
  assert.equal(isRestoredWanted(data), false);
  assert.equal(adoptRestored(data), false);
  removeHalfRestored(data);
  assert.deepEqual(readdirSync(data).sort(), ['kma.db', 'local', 'lock.db', 'reserve', 'staging']);
  assert.deepEqual(whose(), ['temporary', 'temporary']);
  assert.equal(existsSync(`${data}.unlock-key`), true);
});

test('what is wanted takes the place, and the unlock key of what was there goes', () => {
  buildWanted();
  assert.equal(isRestoredWanted(data), true);
  assert.equal(adoptRestored(data), true);
  assertReplaced();
  assert.deepEqual(readdirSync(folder), ['kma']);
});

test('a directory that a KMA runs on stays', () => {
  buildWanted();
  const release = DataDirectory.at(data).lock();
  assert.equal(adoptRestored(data), false);
  assert.deepEqual(whose(), ['temporary', 'temporary']);
  release();
  assert.equal(adoptRestored(data), true);
});

test('directories beside are nobody’s, whatever their names', () => {
  for (const name of ['kma.restored', 'kma.replaced']) directory(join(folder, name), 'another');
  assert.equal(adoptRestored(data), false);
  buildWanted();
  assert.equal(adoptRestored(data), true);
  for (const name of ['kma.restored', 'kma.replaced'])
    assert.equal(readFileSync(join(folder, name, 'kma.db'), 'utf8'), 'another');
});

test('by way of a link it is the same directory', () => {
  const link = join(folder, 'link');
  symlinkSync(data, link);
  buildWanted();
  assert.equal(adoptRestored(link), true);
  assertReplaced();
});

test('killed before the place was cleared: the next start goes on', () => {
  buildWanted();
  renameSync(join(data, 'restored'), adopted());
  rmSync(join(data, 'kma.db'));
  assert.equal(adoptRestored(data), true);
  assertReplaced();
});

test('killed while it is moved up: the next start goes on, and clears nothing any more', () => {
  cleared();
  renameSync(adopted('kma.db'), join(data, 'kma.db'));
  assert.equal(adoptRestored(data), true);
  assertReplaced();
});

test('killed when all but the end is done: the next start ends it', () => {
  cleared();
  for (const name of ['kma.db', 'local', 'staging', 'lock.db']) renameSync(adopted(name), join(data, name));
  assert.equal(adoptRestored(data), true);
  assertReplaced();
  mkdirSync(adopted());
  assert.equal(adoptRestored(data), true);
  assertReplaced();
});
