/** What a killed run left goes, and only that: nothing else is removed or written to, whatever its name. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../store/store.fixture.ts';
import { build, buildUnlocking, unlocks } from './data-directory.fixture.ts';
import { dataPathIn, lockAside, MARKER, makeAside, removeLeftOvers } from './left-overs.ts';

const HEX = '0123456789abcdef'.repeat(2);

for (const [what, ending, files] of [
  ['a date', '20260711', { 'precious.txt': 'precious' }],
  ['random digits', HEX, { 'precious.txt': 'precious' }],
  ['random digits and another marker', HEX, { 'precious.txt': 'precious', [MARKER]: 'mine' }],
  ['random digits and an empty marker', HEX, { 'precious.txt': 'precious', [MARKER]: '' }],
  ['random digits and nothing but another marker', HEX, { [MARKER]: 'mine' }],
] as const)
  test(`a foreign directory named with ${what} stays as it is`, async (t) => {
    const path = join(temporaryDirectory(t), 'data');
    const foreign = `${path}.new-${ending}`;
    mkdirSync(foreign);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(foreign, name), content);
    await build(path);
    assert.deepEqual(readdirSync(foreign).sort(), Object.keys(files).sort());
  });

for (const ending of ['20260711', HEX])
  test(`a finished KMA that is named like a left-over stays, with its key (${ending})`, async (t) => {
    const path = join(temporaryDirectory(t), 'data');
    const finished = `${path}.new-${ending}`;
    await buildUnlocking(finished);
    const inside = readdirSync(finished);
    await build(path);
    assert.deepEqual(readdirSync(finished), inside);
    assert.ok(unlocks(finished));
  });

test('what a run left that was killed at any time goes, also before its marker was whole', (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'data');
  makeAside(path);
  mkdirSync(dataPathIn(makeAside(path)));
  mkdirSync(`${path}.new-${HEX}`);
  const started = `${path}.new-${HEX.replaceAll('0', '1')}`;
  mkdirSync(started);
  writeFileSync(join(started, MARKER), '');
  removeLeftOvers(path);
  assert.deepEqual(readdirSync(folder), []);
});

test('what is locked by a living run stays', (t) => {
  const folder = temporaryDirectory(t);
  const aside = makeAside(join(folder, 'data'));
  const release = lockAside(aside);
  removeLeftOvers(join(folder, 'data'));
  assert.deepEqual(readdirSync(folder), [basename(aside)]);
  release();
  removeLeftOvers(join(folder, 'data'));
  assert.deepEqual(readdirSync(folder), []);
});
