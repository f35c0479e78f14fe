/** Technical support as a setting: what each operation leaves, and what it asks of the platform process before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import { World } from '../world.fixture.ts';
import {
  disablePrimaryAdministrator,
  disableTechnicalSupport,
  enablePrimaryAdministrator,
  enableTechnicalSupport,
  enableTechnicalSupportForKeys,
  regenerateSupportHostKeys,
  showTechnicalSupport,
} from './technical-support.ts';

const PASSWORD = 'Tall-Ships-7-sail';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ann';
const DAY_MS = 24 * 60 * 60 * 1000;

/** A platform process that makes host keys and keeps what it was asked. */
function desk() {
  const asked: string[] = [];
  const platform = {
    ask: async (_part: string, question: unknown) => {
      const { ask } = question as { ask: string };
      asked.push(ask);
      if (ask === 'ready') return {};
      const hostKeys = `A1B2C3D4E5F6071${asked.length}`;
      return { hostKeys, fingerprints: [{ type: 'ED25519', sha256: `SHA256:${asked.length}` }] };
    },
  };
  return { asked, platform };
}

test('enabled for seven days with the hash alone; host keys are made at the first time, shown, and stay', async () => {
  const world = new World();
  const { asked, platform } = desk();
  const { output, decision } = await world.did(enableTechnicalSupport, { password: PASSWORD }, { platform });
  assert.deepEqual(output.hostKeys, ['ED25519 SHA256:1']);
  assert.deepEqual(decision?.effects, [{ effect: 'platform-changed' }]);
  assert.deepEqual(decision?.facts, [], 'no other KMA hears of it');
  const { support } = world.platformSettings();
  assert.match(support.passwordHash ?? '', /^\$7\$C6/);
  assert.equal(support.expiresAtMs - world.nowMs, 7 * DAY_MS);
  assert.ok(!JSON.stringify([decision, [...world.local]]).includes(PASSWORD));
  assert.ok(!JSON.stringify(decision?.audit).includes('$7$'));
  await world.did(enableTechnicalSupport, { password: PASSWORD, maximumAgeDays: 1 }, { platform });
  const again = world.platformSettings().support;
  assert.deepEqual([again.hostKeys, again.expiresAtMs - world.nowMs], [support.hostKeys, DAY_MS]);
  assert.notEqual(again.passwordHash, support.passwordHash, 'another salt');
  assert.deepEqual(asked, ['make-host-keys', 'ready']);
});

test('for keys alone there is no hash, and with a new password the keys of before are gone', async () => {
  const world = new World();
  const { platform } = desk();
  const { output } = await world.did(enableTechnicalSupportForKeys, { authorizedKeys: [KEY] }, { platform });
  assert.deepEqual([output.password, output.keys], [false, ['ssh-ed25519 ann']]);
  await world.did(enableTechnicalSupport, { password: PASSWORD }, { platform });
  assert.deepEqual(world.platformSettings().support.authorizedKeys, []);
  assert.equal(
    await world.refusal(enableTechnicalSupportForKeys, { authorizedKeys: [] }, { platform }),
    'INVALID_PARAMETERS',
  );
});

test('what the platform process lacks is the answer, and nothing is set', async () => {
  const world = new World();
  for (const code of ['SUPPORT_NEEDS_ROOT', 'SUPPORT_NOT_INSTALLED'] as const) {
    const platform = { ask: async () => refuse(code, 'missing') };
    assert.equal(await world.refusal(enableTechnicalSupport, { password: PASSWORD }, { platform }), code);
    assert.equal(await world.refusal(regenerateSupportHostKeys, {}, { platform }), code);
  }
  assert.equal(await world.refusal(enableTechnicalSupport, { password: PASSWORD }), 'PLATFORM_NOT_THERE');
  assert.deepEqual([...world.local], []);
});

test('ages out of bounds are refused', async () => {
  const world = new World();
  const { platform } = desk();
  for (const maximumAgeDays of [0, 61, -1, 1.5])
    assert.equal(
      await world.refusal(enableTechnicalSupport, { password: PASSWORD, maximumAgeDays }, { platform }),
      'INVALID_PARAMETERS',
    );
});

test('Primary Administrator comes only with support that is enabled and has not expired, and goes with it', async () => {
  const world = new World();
  const { platform } = desk();
  assert.equal(await world.refusal(enablePrimaryAdministrator, {}), 'SUPPORT_NOT_ENABLED');
  await world.did(enableTechnicalSupport, { password: PASSWORD }, { platform });
  const { output } = await world.did(enablePrimaryAdministrator, {});
  assert.deepEqual([output.technicalSupport, output.primaryAdministrator], ['enabled', true]);
  await world.did(disablePrimaryAdministrator, {});
  assert.deepEqual(
    [world.platformSettings().support.enabled, world.platformSettings().support.primaryAdministrator],
    [true, false],
  );
  await world.did(enablePrimaryAdministrator, {});
  await world.did(enableTechnicalSupport, { password: PASSWORD }, { platform });
  assert.equal(world.platformSettings().support.primaryAdministrator, false, 'to be enabled anew');
  await world.did(enablePrimaryAdministrator, {});
  await world.did(disableTechnicalSupport, {});
  assert.equal(world.platformSettings().support.primaryAdministrator, false);
  await world.did(enableTechnicalSupport, { password: PASSWORD, maximumAgeDays: 1 }, { platform });
  world.nowMs += DAY_MS + 1;
  assert.equal(await world.refusal(enablePrimaryAdministrator, {}), 'SUPPORT_NOT_ENABLED');
  assert.equal((await world.did(showTechnicalSupport, {})).output.technicalSupport, 'expired');
});

test('disabled, nothing is left that would let anybody in but the host keys', async () => {
  const world = new World();
  const { platform } = desk();
  await world.did(enableTechnicalSupport, { password: PASSWORD, authorizedKeys: [KEY] }, { platform });
  const { hostKeys } = world.platformSettings().support;
  await world.did(disableTechnicalSupport, {});
  const left = world.platformSettings().support;
  assert.deepEqual(
    [left.enabled, left.passwordHash, left.authorizedKeys, left.hostKeys],
    [false, null, [], hostKeys],
  );
});

test('new host keys take the place of those before, whether support is enabled or not', async () => {
  const world = new World();
  const { platform } = desk();
  const { output } = await world.did(regenerateSupportHostKeys, {}, { platform });
  assert.deepEqual([output.technicalSupport, output.hostKeys], ['off', ['ED25519 SHA256:1']]);
  const { hostKeys } = world.platformSettings().support;
  await world.did(enableTechnicalSupport, { password: PASSWORD, newHostKeys: true }, { platform });
  assert.notEqual(world.platformSettings().support.hostKeys, hostKeys);
});
