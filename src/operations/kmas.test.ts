/** KMAs as members: what a Security Officer can change of them. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { set } from '../core/facts.ts';
import { listKmas, modifyKma, showRootCa } from './kmas.ts';
import { createSite } from './sites.ts';
import { certificateAuthority, World } from './world.fixture.ts';

test('site and addresses change, each by itself', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  await world.did(modifyKma, { kma: 'kma-1', site: 'rome', serviceAddress: '192.0.2.7' });
  await world.did(modifyKma, { kma: 'kma-1', description: 'rack 4' });
  const shown = (await world.did(listKmas, {})).output[0];
  assert.deepEqual([shown?.site, shown?.serviceAddress, shown?.description], ['rome', '192.0.2.7', 'rack 4']);
  await world.did(modifyKma, { kma: 'kma-1', site: '' });
  assert.equal((await world.did(listKmas, {})).output[0]?.site, '');
  await world.did(modifyKma, { kma: 'kma-1', serviceIpv6Address: '2001:db8::7' });
  assert.equal(world.state.get('kma', world.self.kmaId)?.serviceAddressIPv6, '2001:db8::7');
});

test('an unknown KMA, an unknown site, an address with blanks and an empty change are refused', async () => {
  const world = new World();
  const refusal = (input: object) => world.refusal(modifyKma, { kma: 'kma-1', ...input });
  assert.equal(await refusal({ kma: 'kma-9', description: 'x' }), 'KMA_DOES_NOT_EXIST');
  assert.equal(await refusal({ site: 'no' }), 'SITE_DOES_NOT_EXIST');
  assert.equal(await refusal({ serviceAddress: '192.0.2.7 evil' }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({}), 'INVALID_PARAMETERS');
});

test('the root CA is shown as it is', async () => {
  const world = new World();
  assert.equal(await world.refusal(showRootCa, {}), 'CORE_SECURITY_NOT_FOUND');
  const { certificatePem } = await certificateAuthority();
  world.commit([set('certificate_authority', 'root', { certificatePem, digest: 'SHA-256' })]);
  const { output } = await world.did(showRootCa, {});
  assert.equal(output.certificatePem, certificatePem);
  assert.equal(output.fingerprint, new X509Certificate(certificatePem).fingerprint256.replaceAll(':', ''));
});
