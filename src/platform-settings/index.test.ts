/** The settings of one KMA as local rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
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
