/** "kma init" killed with signal 9 before each single step it takes on disk: nothing is in the way of the next run, or a finished KMA is there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dataPathIn, lockAside, makeAside, removeLeftOvers } from '../src/setup/left-overs.ts';
import { OFFICER, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';

const KILLER = fileURLToPath(new URL('support/kill-before-write.ts', import.meta.url));
/** One holder, since each run stretches all passphrases; with autonomous unlocking, since it has the most steps. */
const ANSWERS = {
  kmaName: 'kma-1',
  threshold: 1,
  credentials: [{ name: 'holder', passphrase: 'Split-part-7x' }],
  securityOfficer: OFFICER,
  autonomousUnlock: true,
};
const MADE = ['data', 'data.unlock-key'];
const STEPS_MIN = 15;
/** Before the key is made. */
const LAST_STEPS_FROM = 12;

class Place {
  readonly root = mkdtempSync(join(tmpdir(), 'openkma-killed-'));
  readonly folder = join(this.root, 'here');
  readonly shell = new KmaShell(join(this.folder, 'data'), this.root);

  constructor(context: TestContext) {
    mkdirSync(this.folder);
    context.after(() => rmSync(this.root, { recursive: true, force: true }));
  }

  names(): string[] {
    return readdirSync(this.folder).sort();
  }
  init(answers: object = ANSWERS) {
    return this.shell.run('init --answers -', { input: JSON.stringify(answers) });
  }

  /** True where the run was killed at its n-th step; false where it had fewer. */
  async killedAt(n: number): Promise<boolean> {
    const environment = { KILL_AT: `${n}`, KILL_FOLDER: this.folder, NODE_OPTIONS: `--import=${KILLER}` };
    Object.assign(process.env, environment);
    try {
      const { status, stderr } = await this.init();
      assert.ok(status === null || status === 0, stderr);
      return status === null;
    } finally {
      for (const name of Object.keys(environment)) delete process.env[name];
    }
  }

  /** The KMA starts and unlocks itself; QuickStart does not run on it again. */
  async assertFinished(): Promise<void> {
    assert.equal(statSync(this.shell.data).mode & 0o777, 0o700);
    const input = JSON.stringify(ANSWERS);
    await this.shell.refused('init --answers -', 'conflict', 'DATA_DIRECTORY_INITIALISED', { input });
    const kma = await TestKma.on(this.shell.data, this.root);
    const { locked } = await kma.ask<{ locked: boolean }>('ShowStatus', {});
    await kma.stop();
    assert.equal(locked, false);
  }
}

test('killed at any step, the next run gets further, and what is in place is finished', async (t) => {
  const place = new Place(t);
  let finished = 0;
  let kills = 0;
  // Each run finds what the one before left, and has to come one step further.
  for (; await place.killedAt(kills + 1); kills++) {
    const names = place.names();
    const asides = names.filter((name) => /^data\.new-[0-9a-f]{32}$/.test(name));
    assert.ok(asides.length <= 1, `one left-over, not more: ${names}`);
    for (const aside of asides) assert.equal(statSync(join(place.folder, aside)).mode & 0o777, 0o700);
    if (!names.includes('data')) continue;
    finished += 1;
    const others = names.filter((name) => !asides.includes(name));
    assert.deepEqual(others, MADE);
    // Nothing of the KMA is left aside, its key least of all.
    for (const aside of asides)
      for (const name of readdirSync(join(place.folder, aside)))
        assert.match(name, /^(openkma-unfinished|lock\.db(-journal)?)$/);
    await place.assertFinished();
    for (const name of MADE) rmSync(join(place.folder, name), { recursive: true });
  }
  t.diagnostic(`${kills} kills, of which ${finished} with a finished KMA`);
  assert.ok(kills >= STEPS_MIN, `${kills} steps`);
  assert.deepEqual(place.names(), MADE);
  await place.assertFinished();
});

test('killed at any of the last steps in a free place, it is free again or a finished KMA is there', async (t) => {
  const place = new Place(t);
  let onlyKey = 0;
  let finished = 0;
  for (let n = LAST_STEPS_FROM; await place.killedAt(n); n++) {
    const names = place.names();
    removeLeftOvers(place.shell.data);
    if (names.includes('data')) {
      finished += 1;
      await place.assertFinished();
      for (const name of MADE) rmSync(join(place.folder, name), { recursive: true });
    } else if (names.includes('data.unlock-key')) onlyKey += 1;
    assert.deepEqual(place.names(), []);
  }
  t.diagnostic(`${onlyKey} kills with the key alone in its place, ${finished} with a finished KMA`);
  assert.equal(onlyKey, 2, 'linked and not yet taken from aside, then before the move');
  assert.ok(finished >= 2, 'after the move, and while what is aside is removed');
});

test('a key moved to its place by a killed run goes, the key of another KMA stays', async (t) => {
  const place = new Place(t);
  const withoutKey = { ...ANSWERS, autonomousUnlock: false };
  writeFileSync(join(place.folder, 'data.unlock-key'), 'thirty-two bytes of another KMA.', { mode: 0o600 });
  assert.equal((await place.init(withoutKey)).status, 0);
  assert.deepEqual(place.names(), MADE, 'the key of another stays');
  for (const name of MADE) rmSync(join(place.folder, name), { recursive: true });
  assert.equal((await place.init()).status, 0);
  // As it is between the last two steps.
  renameSync(place.shell.data, dataPathIn(makeAside(place.shell.data)));
  assert.equal((await place.init(withoutKey)).status, 0);
  assert.deepEqual(place.names(), ['data']);
});

test('what a living run builds is left alone', async (t) => {
  const place = new Place(t);
  const aside = makeAside(place.shell.data);
  t.after(lockAside(aside));
  assert.equal((await place.init()).status, 0);
  assert.deepEqual(place.names(), ['data', basename(aside), 'data.unlock-key']);
});
