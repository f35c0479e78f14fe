/** What is printed to be copied can be typed: by name, or by the path that leads there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownName, withOwnName } from './own-name.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'openkma-path-'));
after(() => rmSync(folder, { recursive: true }));

function directory(...path: string[]): string {
  const made = join(folder, ...path);
  mkdirSync(made, { recursive: true });
  return made;
}

const linked = directory('linked');
symlinkSync(join(ROOT, 'bin/kma'), join(linked, 'kma'));
const foreign = directory('foreign');
writeFileSync(join(foreign, 'kma'), '');
const ofNpm = directory('node_modules', '.bin');
symlinkSync(join(ROOT, 'bin/kma'), join(ofNpm, 'kma'));

test('by its name where PATH leads to it', () => {
  assert.equal(ownName('kma', `/nowhere:${linked}`, ROOT), 'kma');
});

test('by its path where PATH has none, another one first, or only what npm adds', () => {
  for (const path of ['', '/nowhere', `${foreign}:${linked}`, ofNpm])
    assert.equal(ownName('kma', path, ROOT), 'bin/kma', path);
  assert.equal(ownName('okm-agent', linked, ROOT), 'agent/bin/okm-agent');
});

test('from another directory the whole path is given', () => {
  assert.equal(ownName('kma', '', folder), join(ROOT, 'bin/kma'));
});

test('advice names what can be typed', () => {
  const advice = 'Run "kma init --data DIR", "kma status" or "npm start".';
  const kma = ownName('kma');
  assert.equal(withOwnName(advice, null), `Run "${kma} init --data DIR", "${kma} status" or "npm start".`);
  const here = `${kma} --data '/my data'`;
  assert.equal(withOwnName(advice, '/my data'), `Run "${here} init", "${here} status" or "npm start".`);
});
