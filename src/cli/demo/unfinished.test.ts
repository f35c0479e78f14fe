/** Which directories a first start that was broken off is known by, and that nothing else goes when it is begun anew. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DataDirectory } from '../../store/data-directory.ts';
import { isFirstStart, markFinished, markUnfinished } from './unfinished.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-unfinished-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Three places with something in them that has the form of a KMA. */
function placesIn(name: string): { every: string[]; directories: DataDirectory[] } {
  const every = ['', '-2', '-3'].map((ending) => join(folder, `${name}${ending}`));
  const directories = every.map((path) => DataDirectory.create(path));
  for (const { databasePath } of directories) writeFileSync(databasePath, '');
  return { every, directories };
}

test('without a KMA in the first place it is the first start, with one it is none', () => {
  const { every } = placesIn('plain');
  assert.equal(isFirstStart([join(folder, 'nothing')]), true);
  assert.equal(isFirstStart(every), false);
});

test('what a first start has made and not finished is removed, and nothing beside it', () => {
  const { every } = placesIn('broken');
  const [first = '', second = '', third = ''] = every;
  for (const data of [first, second]) markUnfinished(data);
  writeFileSync(`${second}.unlock-key`, '');
  assert.equal(isFirstStart(every), true);
  assert.deepEqual(
    [first, second, third, `${second}.unlock-key`].map((path) => existsSync(path)),
    [false, false, true, false],
  );
});

test('a place below one that is not there yet can be marked', () => {
  const data = join(folder, 'not', 'yet', 'there');
  markUnfinished(data);
  assert.equal(isFirstStart([data]), true);
});

test('one that is at work is left alone, whichever of its KMAs runs', () => {
  const { every, directories } = placesIn('working');
  for (const data of every) markUnfinished(data);
  const release = directories[1]?.lock();
  assert.throws(() => isFirstStart(every), { code: 'DATA_DIRECTORY_IN_USE' });
  assert.ok(every.every((data) => existsSync(data)));
  release?.();
});

test('a finished one is resumed', () => {
  const { every } = placesIn('finished');
  for (const data of every) markUnfinished(data);
  markFinished(every);
  assert.equal(isFirstStart(every), false);
  assert.ok(every.every((data) => existsSync(data)));
});
