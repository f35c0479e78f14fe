/** A data directory is built aside and put in place whole; what is in the way, or comes into it, stays. test/init-killed.test.ts kills the program that does it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { refuse } from '../core/refusal.ts';
import { temporaryDirectory } from '../store/store.fixture.ts';
import { build, buildUnlocking, enableUnlock, unlocks } from './data-directory.fixture.ts';
import { assertFreePlace, buildDataDirectory } from './new-data-directory.ts';

const NOBODY = 65_534;

function placeIn(t: TestContext): { folder: string; path: string } {
  const folder = temporaryDirectory(t);
  return { folder, path: join(folder, 'data') };
}

test('nothing is in place before the end, and nothing else after it', async (t) => {
  const { folder, path } = placeIn(t);
  const result = await build(path, () => {
    assert.ok(!existsSync(path));
    const [aside = '', ...others] = readdirSync(folder);
    assert.equal(statSync(join(folder, aside)).mode & 0o777, 0o700);
    assert.deepEqual(others, []);
  });
  assert.equal(result, 'built');
  assert.deepEqual(readdirSync(folder), ['data']);
});

test('a refusal or an error leaves an empty directory as it was', async (t) => {
  const { folder, path } = placeIn(t);
  mkdirSync(path);
  const refusal = refuse('LIMIT_EXCEEDED');
  assert.equal(await buildDataDirectory(path, async () => refusal), refusal);
  const broken = build(path, () => assert.fail('broken'));
  await assert.rejects(broken, /broken/);
  assert.deepEqual(readdirSync(folder), ['data']);
  assert.deepEqual(readdirSync(path), []);
});

test('an empty directory is taken over, also through a link', async (t) => {
  const { folder, path } = placeIn(t);
  mkdirSync(path, { mode: 0o755 });
  symlinkSync(path, join(folder, 'link'));
  assert.equal(await build(join(folder, 'link')), 'built');
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(folder).sort(), ['data', 'link']);
});

test('a directory that is filled meanwhile stays as it is', async (t) => {
  const { folder, path } = placeIn(t);
  const fill = () => {
    mkdirSync(path);
    writeFileSync(join(path, 'letter.txt'), '');
  };
  await assert.rejects(build(path, fill), { code: 'DATA_DIRECTORY_NOT_EMPTY' });
  assert.deepEqual(readdirSync(path), ['letter.txt']);
  assert.deepEqual(readdirSync(folder), ['data']);
});

test('of two runs for one place, the one that finished keeps its unlock key', async (t) => {
  const { folder, path } = placeIn(t);
  const later = build(path, async () => void (await buildUnlocking(path)), enableUnlock);
  await assert.rejects(later, { code: 'DATA_DIRECTORY_NOT_EMPTY' });
  assert.ok(unlocks(path));
  assert.deepEqual(readdirSync(folder).sort(), ['data', 'data.unlock-key']);
});

test('the unlock key of a directory that was moved away is not replaced', async (t) => {
  const { folder, path } = placeIn(t);
  await buildUnlocking(path);
  renameSync(path, join(folder, 'away'));
  const key = readFileSync(`${path}.unlock-key`);
  await assert.rejects(buildUnlocking(path), {
    code: 'DATA_DIRECTORY_NOT_EMPTY',
    detail: `${path}.unlock-key is there, the unlock key of another KMA`,
  });
  assert.deepEqual(readFileSync(`${path}.unlock-key`), key);
  assert.deepEqual(readdirSync(folder).sort(), ['away', 'data.unlock-key']);
});

test('where the place is filled meanwhile, the unlock key that was just placed goes again', async (t) => {
  const { folder, path } = placeIn(t);
  const fill = () => {
    mkdirSync(path);
    writeFileSync(join(path, 'letter.txt'), '');
  };
  await assert.rejects(build(path, fill, enableUnlock), { code: 'DATA_DIRECTORY_NOT_EMPTY' });
  assert.deepEqual(readdirSync(folder), ['data']);
});

test('of a path that just fits, the directory aside may be longer', async (t) => {
  const { folder } = placeIn(t);
  const path = join(folder, 'x'.repeat(90 - folder.length - 1));
  assert.equal(await build(path), 'built');
  assert.throws(() => assertFreePlace(`${path}x`), { code: 'PATH_TOO_LONG' });
});

test('a parent that cannot be written is refused before anything is asked', (t) => {
  const { folder, path } = placeIn(t);
  chmodSync(folder, 0o755);
  // The superuser may write everywhere, so another user asks.
  const script = `const { assertFreePlace } = await import(process.argv[1]);
    if (process.getuid() === 0) process.setuid(${NOBODY}); else (await import('node:fs')).chmodSync(process.argv[3], 0o555);
    try { assertFreePlace(process.argv[2]) } catch (error) { console.log(error.code, error.detail) }`;
  const module = join(import.meta.dirname, 'new-data-directory.ts');
  const argv = ['--input-type=module', '-e', script, module, path, folder];
  const said = execFileSync(process.execPath, argv, { encoding: 'utf8' });
  chmodSync(folder, 0o700);
  assert.equal(said, `DATA_DIRECTORY_UNMOVABLE ${folder} cannot be written\n`);
});
