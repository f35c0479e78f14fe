/** Settings fall back to their defaults and never give a value out of range. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { set } from './facts.ts';
import { FoldingWorld } from './folding.fixture.ts';
import type { KeySplitId } from './ids.ts';
import { isSettingValue, readSetting, SETTINGS, type SettingName, settingFact } from './settings.ts';

test('gives the default of every setting before anything is set', () => {
  const { state } = new FoldingWorld();
  for (const name of Object.keys(SETTINGS) as SettingName[])
    assert.equal(readSetting(state, name), SETTINGS[name].default);
});

test('gives back what was set, with its type', () => {
  const world = new FoldingWorld();
  world.fold(
    settingFact('keyPoolSize', 5000),
    settingFact('fipsModeOnly', true),
    settingFact('currentKeySplitId', 'AB' as KeySplitId),
  );
  assert.equal(readSetting(world.state, 'keyPoolSize'), 5000);
  assert.equal(readSetting(world.state, 'fipsModeOnly'), true);
  assert.equal(readSetting(world.state, 'currentKeySplitId'), 'AB');
});

test('gives the default where the value is malformed or out of range', () => {
  for (const text of ['', '{', 'null', '"5"', '999', '200001', '1000.5', 'true', '[]']) {
    const world = new FoldingWorld();
    world.fold(set('setting', 'keyPoolSize', { valueJson: text }));
    assert.equal(readSetting(world.state, 'keyPoolSize'), 1000, text);
  }
  const world = new FoldingWorld();
  world.fold(set('setting', 'fipsModeOnly', { valueJson: '1' }));
  world.fold(set('setting', 'currentRootEpochId', { valueJson: '7' }));
  assert.equal(readSetting(world.state, 'fipsModeOnly'), false);
  assert.equal(readSetting(world.state, 'currentRootEpochId'), null);
});

test('both ends of a range belong to it', () => {
  assert.deepEqual(
    [999, 1000, 200_000, 200_001].map((value) => isSettingValue('keyPoolSize', value)),
    [false, true, true, false],
  );
});
