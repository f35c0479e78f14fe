/** The settings of one KMA as local rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isAnythingOn,
  PLATFORM_SETTING_SCHEMAS,
  type PlatformSettingName,
  readPlatformSettings,
  settingRow,
} from './index.ts';

const NAMES = Object.keys(PLATFORM_SETTING_SCHEMAS) as PlatformSettingName[];
const readFrom = (rows: Readonly<Record<string, string>>) => readPlatformSettings((name) => rows[name]);

test('a setting that was never made is its default, which is one that its schema takes', () => {
  const settings = readFrom({});
  for (const name of NAMES)
    assert.deepEqual(PLATFORM_SETTING_SCHEMAS[name].parse(settings[name]), settings[name]);
});

test('what is set is read again', () => {
  const dns = { servers: ['192.0.2.53', '2001:db8::53'], domain: 'example.com' };
  assert.deepEqual(readFrom(settingRow('dns', dns)).dns, dns);
});

test('a malformed row counts as the default, and spoils no other', () => {
  const [row = ''] = Object.keys(settingRow('dns', { servers: [], domain: '' }));
  for (const text of ['', 'nonsense', 'null', '[]', '{"servers":"192.0.2.1"}', '{"servers":["localhost"]}'])
    assert.deepEqual(readFrom({ [row]: text }), readFrom({}), text);
});

test('nothing is on by default, and what is switched off again is off, whatever it keeps', () => {
  assert.equal(isAnythingOn(readFrom({})), false);
  const off = readFrom({});
  assert.equal(isAnythingOn({ ...off, dns: { servers: ['192.0.2.53'], domain: '' } }), true);
  assert.equal(isAnythingOn({ ...off, dns: { servers: [], domain: 'example.com' } }), false);
  assert.equal(isAnythingOn({ ...off, ntp: { ...off.ntp, server: 'ntp.example.com' } }), true);
  assert.equal(isAnythingOn({ ...off, hmp: { ...off.hmp, enabled: true } }), true);
  assert.equal(isAnythingOn({ ...off, support: { ...off.support, enabled: true } }), true);
  const kept = { ...off.support, enabledAtMs: 1, expiresAtMs: 2 };
  assert.equal(isAnythingOn({ ...off, support: kept }), false);
});
