/** Settings: ranges as the register of settings has them, and effects that follow a change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SECURITY_PARAMETERS } from '../core/settings.ts';
import {
  acceptClock,
  modifySecurityParameters,
  setAcceptableTls,
  showAcceptableTls,
  showSecurityParameters,
} from './settings-operations.ts';
import { World } from './world.fixture.ts';

test('all parameters are shown with their defaults', async () => {
  const { output } = await new World().did(showSecurityParameters, {});
  const defaults = Object.entries(SECURITY_PARAMETERS).map(([name, { default: value }]) => [name, value]);
  assert.deepEqual(output, Object.fromEntries(defaults));
});

test('only what is given changes, and the audit says from what to what', async () => {
  const world = new World();
  const { decision } = await world.did(modifySecurityParameters, {
    loginAttemptLimit: 3,
    fipsModeOnly: true,
  });
  const { output } = await world.did(showSecurityParameters, {});
  assert.deepEqual(
    [output.loginAttemptLimit, output.fipsModeOnly, output.longTermDays],
    [3, true, SECURITY_PARAMETERS.longTermDays.default],
  );
  assert.equal(decision?.audit?.message, 'loginAttemptLimit=3 before=5 fipsModeOnly=true before=false');
});

test('a switch of FIPS Mode Only is recorded as a warning, either way, and its value set again is not', async () => {
  const world = new World();
  const noted = async (fipsModeOnly: boolean) => {
    const { decision } = await world.did(modifySecurityParameters, { fipsModeOnly });
    return [decision?.audit?.severity, decision?.audit?.condition];
  };
  assert.deepEqual(await noted(true), ['warning', 'Plain keys refused']);
  assert.deepEqual(await noted(true), ['success', 'Success']);
  assert.deepEqual(await noted(false), ['warning', 'Plain keys allowed']);
});

for (const [name, parameter] of Object.entries(SECURITY_PARAMETERS))
  test(`${name} is held to its range`, async () => {
    const world = new World();
    const { kind } = parameter;
    const good = kind === 'flag' ? [true, false] : [parameter.minimum, parameter.maximum];
    const bad =
      kind === 'flag' ? [1, 'true'] : [parameter.minimum - 1, parameter.maximum + 1, parameter.minimum + 0.5];
    for (const value of good) await world.did(modifySecurityParameters, { [name]: value });
    for (const value of bad)
      assert.equal(await world.refusal(modifySecurityParameters, { [name]: value }), 'INVALID_PARAMETERS');
  });

test('a change of nothing is refused', async () => {
  assert.equal(await new World().refusal(modifySecurityParameters, {}), 'INVALID_PARAMETERS');
});

test('the TLS minimum is this KMA’s, and an old one is recorded as a warning', async () => {
  const world = new World();
  const { decision } = await world.did(setAcceptableTls, { minimum: '1.0' });
  assert.equal(world.state.get('kma', world.self.kmaId)?.minimumTls, '1.0');
  assert.deepEqual(decision?.effects, [{ effect: 'tls-changed' }]);
  assert.equal(decision?.audit?.severity, 'warning');
  assert.equal((await world.did(setAcceptableTls, { minimum: '1.3' })).decision?.audit?.severity, 'success');
  assert.deepEqual((await world.did(showAcceptableTls, {})).output, { minimum: '1.3' });
  assert.equal(await world.refusal(setAcceptableTls, { minimum: '1.4' }), 'INVALID_PARAMETERS');
});

test('accepting the clock needs a quorum and writes no facts, because none could be written', async () => {
  assert.ok(acceptClock.quorum && !acceptClock.changes);
  const { decision } = await new World().did(acceptClock, {});
  assert.deepEqual([decision?.facts, decision?.effects], [[], [{ effect: 'accept-clock' }]]);
});
