/** The SNMP agent is enabled for one user, of whose passphrases keys are kept that are good for this KMA alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../core/refusal.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import type { Accepted } from '../operation.ts';
import { World } from '../world.fixture.ts';
import { disableHmp, enableHmp, showHmp } from './hmp.ts';

const MONITOR = { userName: 'monitor', passphrase: 'Correct-Horse-1' };

function settingOf(decision: Accepted<unknown> | null) {
  const rows = decision?.local ?? {};
  return readPlatformSettings((name) => rows[name]).hmp;
}

test('what is kept are keys, others at each KMA', async () => {
  const one = settingOf((await new World().did(enableHmp, MONITOR)).decision);
  const elsewhere = new World();
  Object.assign(elsewhere.self, { kmaId: 'E'.repeat(32) });
  const other = settingOf((await elsewhere.did(enableHmp, MONITOR)).decision);
  assert.deepEqual(
    [one.enabled, one.user, one.authentication, one.privacy],
    [true, 'monitor', 'SHA-256', 'AES-128'],
  );
  assert.equal(Buffer.from(one.authenticationKey, 'base64').length, 32);
  assert.equal(one.authenticationKey, one.privacyKey);
  assert.notEqual(one.authenticationKey, other.authenticationKey);
  assert.equal(JSON.stringify(one).includes(MONITOR.passphrase), false);
});

test('another passphrase for the cipher makes another key, and what does not go together is refused', async () => {
  const world = new World();
  const privacyPassphrase = 'Battery-Staple-2';
  const { decision } = await world.did(enableHmp, { ...MONITOR, privacyPassphrase });
  assert.notEqual(settingOf(decision).authenticationKey, settingOf(decision).privacyKey);
  const refusal = (more: object) => world.refusal(enableHmp, { ...MONITOR, ...more });
  assert.equal(await refusal({ passphrase: 'seven77' }), 'INVALID_PASSPHRASE');
  assert.equal(await refusal({ authentication: 'SHA-1', privacy: 'AES-256' }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({ userName: '' }), 'INVALID_PARAMETERS');
});

test('disabling forgets user and keys, and showing shows no key', async () => {
  const world = new World();
  await world.did(enableHmp, MONITOR);
  const ran = await world.did(disableHmp, {});
  const setting = settingOf(ran.decision);
  assert.deepEqual([setting.enabled, setting.user, setting.authenticationKey], [false, '', '']);
  assert.deepEqual(ran.decision?.effects, [{ effect: 'platform-changed' }]);
  const shown = await world.run(showHmp, {});
  assert.ok(!isRefusal(shown));
  assert.deepEqual(Object.keys(shown.output), ['enabled', 'userName', 'authentication', 'privacy', 'state']);
});
