/** The data directory: laid out privately, refused when loose, locked by one process, local files replaced whole. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { OpenKmaError } from '../errors.ts';
import { DataDirectory } from './data-directory.ts';
import { temporaryDirectory } from './store.fixture.ts';
import { openStore } from './store.ts';

function temporaryData(t: TestContext, name = 'data'): DataDirectory {
  const directory = DataDirectory.create(join(temporaryDirectory(t), name));
  openStore({ path: directory.databasePath, mode: 'create' }).close();
  return directory;
}

test('a new directory and all in it are for the owner alone, whatever the umask', (t) => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const directory = temporaryData(t);
  directory.writeLocal('tls.key', Buffer.from('x'));
  assert.equal(statSync(directory.path).mode & 0o777, 0o700);
  assert.equal(statSync(join(directory.path, 'local')).mode & 0o777, 0o700);
  assert.equal(statSync(join(directory.path, 'local/tls.key')).mode & 0o777, 0o600);
  assert.equal(statSync(directory.createStaging('backup')).mode & 0o777, 0o700);
  assert.equal(DataDirectory.open(directory.path).databasePath, directory.databasePath);
});

test('an empty directory with usual permissions is taken over and closed to others', (t) => {
  const path = join(temporaryDirectory(t), 'data');
  mkdirSync(path, { mode: 0o755 });
  DataDirectory.create(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test('a directory that holds something is refused for creating and left alone', (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'letter.txt'), '');
  assert.throws(() => DataDirectory.create(path), { code: 'DATA_DIRECTORY_NOT_EMPTY' });
  assert.deepEqual(readdirSync(path), ['letter.txt']);
  assert.throws(() => DataDirectory.create(temporaryData(t).path), { code: 'DATA_DIRECTORY_INITIALISED' });
});

test('a directory without a KMA is refused for opening', (t) => {
  const path = temporaryDirectory(t);
  assert.throws(() => DataDirectory.open(path), { code: 'DATA_DIRECTORY_EMPTY' });
  assert.throws(() => DataDirectory.open(join(path, 'none')), { code: 'DATA_DIRECTORY_EMPTY' });
});

test('a path in which no socket fits is refused', (t) => {
  const path = join(temporaryDirectory(t), 'x'.repeat(91));
  assert.throws(() => DataDirectory.create(path), { code: 'PATH_TOO_LONG' });
  assert.throws(() => DataDirectory.open(path), { code: 'PATH_TOO_LONG' });
});

for (const [what, mode, path] of [
  ['the directory', 0o750, ''],
  ['the database', 0o640, 'kma.db'],
  ['a local file', 0o604, 'local/tls.key'],
  ['a directory within', 0o701, 'local'],
] as const)
  test(`loose permissions of ${what} are refused with the command that mends them`, (t) => {
    const directory = temporaryData(t, "o'data dir");
    directory.writeLocal('tls.key', Buffer.from('x'));
    chmodSync(join(directory.path, path), mode);
    let detail: string | undefined;
    assert.throws(
      () => DataDirectory.open(directory.path),
      (error) => {
        assert.ok(error instanceof OpenKmaError);
        assert.equal(error.code, 'DATA_DIRECTORY_LOOSE');
        detail = error.detail;
        return true;
      },
    );
    const command = /chmod .*/.exec(detail ?? '')?.[0] ?? 'false';
    execFileSync('sh', ['-c', command]);
    DataDirectory.open(directory.path);
  });

test('a symbolic link inside is refused: what it points to is not looked at', (t) => {
  const directory = temporaryData(t);
  symlinkSync('/etc/hostname', join(directory.path, 'local/tls.key'));
  assert.throws(() => DataDirectory.open(directory.path), {
    code: 'DATA_DIRECTORY_LOOSE',
    detail: /symbolic link/,
  });
});

test('a local file is read as written, replaced whole, removed, and may be missing', (t) => {
  const directory = temporaryData(t);
  assert.equal(directory.readLocal('seed'), undefined);
  directory.writeLocal('seed', Buffer.from('first'));
  directory.writeLocal('seed', Buffer.from([1, 2]));
  assert.deepEqual(directory.readLocal('seed'), Buffer.from([1, 2]));
  assert.deepEqual(readdirSync(join(directory.path, 'local')), ['seed']);
  directory.removeLocal('seed');
  directory.removeLocal('seed');
  assert.equal(directory.readLocal('seed'), undefined);
});

test('what an interrupted replacement left is neither read nor in the way', (t) => {
  const directory = temporaryData(t);
  directory.writeLocal('seed', Buffer.from('old'));
  writeFileSync(join(directory.path, 'local/seed~'), 'half', { mode: 0o600 });
  assert.equal(directory.readLocal('seed')?.toString(), 'old');
  directory.writeLocal('seed', Buffer.from('new'));
  assert.equal(directory.readLocal('seed')?.toString(), 'new');
});

test('a name that leads out of the directory is not accepted', (t) => {
  const directory = temporaryData(t);
  for (const name of ['../kma.db', 'a/b', '', '.', 'A'])
    assert.throws(() => directory.writeLocal(name, Buffer.from('x')), /not a name/);
});

test('staging directories are listed and cleaned away', (t) => {
  const directory = temporaryData(t);
  const staging = directory.createStaging('backup');
  writeFileSync(join(staging, 'copy.db'), 'x');
  assert.deepEqual(directory.listStaging(), [staging]);
  directory.cleanStaging();
  assert.deepEqual(directory.listStaging(), []);
  assert.equal(existsSync(staging), false);
});

test('a second lock is refused until the first is released', (t) => {
  const directory = temporaryData(t);
  const release = directory.lock();
  const other = DataDirectory.open(directory.path);
  assert.throws(() => other.lock(), { code: 'DATA_DIRECTORY_IN_USE' });
  release();
  other.lock()();
});

test('a lock held by another process is refused, and free as soon as that process is killed', async (t) => {
  const directory = temporaryData(t);
  const module = join(import.meta.dirname, 'data-directory.ts');
  const script = `const { DataDirectory } = await import(process.argv[1]);
    const release = DataDirectory.open(process.argv[2]).lock(); console.log('locked');
    // Held: what nobody has any more is closed by the collector.
    setInterval(() => release.name, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, directory.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  assert.throws(() => directory.lock(), { code: 'DATA_DIRECTORY_IN_USE' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  directory.lock()();
});
