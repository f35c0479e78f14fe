/** KMAs as members: what a Security Officer can change of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, set } from '../core/facts.ts';
import { coreSecurityBackup, madeBackup, madeKey, madeLife } from '../core/folding.fixture.ts';
import type { IncarnationId, KmaId } from '../core/ids.ts';
import { settingFact } from '../core/settings.ts';
import { checkPassphrase } from '../security/passphrase-verifier.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { listKmas, modifyKma, setKmaPassphrase } from './kmas.ts';
import type { MemberStanding } from './member-standing.ts';
import { showMetrics } from './metrics/show-metrics.ts';
import { showKma } from './show-kma.ts';
import { createSite } from './sites.ts';
import { World } from './world.fixture.ts';
import { certificateAuthority } from './world-authority.fixture.ts';

test('site and addresses change, each by itself', async () => {
  const world = new World();
  await world.did(createSite, { site: 'rome' });
  await world.did(modifyKma, { kma: 'kma-1', site: 'rome', serviceAddress: '192.0.2.7' });
  await world.did(modifyKma, { kma: 'kma-1', description: 'rack 4' });
  const shown = (await world.did(listKmas, {})).output.rows[0];
  assert.deepEqual([shown?.site, shown?.serviceAddress, shown?.description], ['rome', '192.0.2.7', 'rack 4']);
  await world.did(modifyKma, { kma: 'kma-1', site: '' });
  assert.equal((await world.did(listKmas, {})).output.rows[0]?.site, '');
  await world.did(modifyKma, { kma: 'kma-1', serviceIpv6Address: '2001:db8::7' });
  assert.equal((await world.did(listKmas, {})).output.rows[0]?.serviceIpv6Address, '2001:db8::7');
});

test('the list shows whether a KMA has a certificate, and how often its passphrase failed', async () => {
  const world = new World();
  const proofFailures = () => new Map([['kma:kma-1', 2]]);
  const seen = async () => {
    const [shown] = (await world.did(listKmas, {}, { proofFailures })).output.rows;
    return [shown?.failedLogins, shown?.enrolled];
  };
  const { certificatePem } = await certificateAuthority();
  world.commit([set('kma', world.self.kmaId, { certificatePem })]);
  assert.deepEqual(await seen(), [2, true]);
  world.commit([set('kma', world.self.kmaId, { certificatePem: null })]);
  assert.deepEqual(await seen(), [2, false]);
});

test('an unknown KMA, an unknown site, an address with blanks and an empty change are refused', async () => {
  const world = new World();
  const refusal = (input: object) => world.refusal(modifyKma, { kma: 'kma-1', ...input });
  assert.equal(await refusal({ kma: 'kma-9', description: 'x' }), 'KMA_DOES_NOT_EXIST');
  assert.equal(await refusal({ site: 'no' }), 'SITE_DOES_NOT_EXIST');
  assert.equal(await refusal({ serviceAddress: '192.0.2.7 evil' }), 'INVALID_PARAMETERS');
  assert.equal(await refusal({}), 'INVALID_PARAMETERS');
});

test("another KMA's passphrase is set by the rules, logs it out, and the old verifier goes", async () => {
  const world = new World();
  const id = 'D'.repeat(32) as KmaId;
  world.commit([
    created('kma', id, { name: 'kma-2', createdAt: world.nowMs, number: 2 }),
    set('kma', id, { enabled: 1, certificatePem: 'a certificate', enrolled: 1, proofDisabled: 1 }),
  ]);
  const wanted = { kma: 'kma-2', passphrase: 'Joins-the-others-1' };
  const { decision } = await world.did(setKmaPassphrase, wanted);
  const first = world.state.get('kma', id);
  assert.deepEqual([first?.enrolled, first?.proofDisabled], [0, 0]);
  assert.notEqual(
    first?.certificateVerifierObjectId,
    first?.verifierObjectId,
    'its certificate counts no more',
  );
  const bytes = world.objects.get(first?.verifierObjectId ?? '')?.bytes ?? new Uint8Array();
  assert.ok(await checkPassphrase(bytes, SecretBytes.fromText(wanted.passphrase)));
  assert.doesNotMatch(JSON.stringify(decision), /Joins/);
  assert.deepEqual(decision?.effects, [{ effect: 'passphrase-set', entity: 'kma:kma-2' }]);
  await world.did(setKmaPassphrase, { ...wanted, passphrase: 'Joins-the-others-2' });
  assert.equal(world.objects.get(first?.verifierObjectId ?? ''), undefined);
  assert.equal(
    await world.refusal(setKmaPassphrase, { ...wanted, passphrase: 'short' }),
    'INVALID_PASSPHRASE',
  );
});

test('the passphrase of this KMA itself, and of one that is not there, is not set', async () => {
  const world = new World();
  const refusal = (kma: string) => world.refusal(setKmaPassphrase, { kma, passphrase: 'Joins-nobody-11' });
  assert.equal(await refusal('kma-1'), 'INVALID_PARAMETERS');
  assert.equal(await refusal('kma-9'), 'KMA_DOES_NOT_EXIST');
});

/** Two members; of the other one this was heard. */
function worldOfTwo(more: Partial<MemberStanding> = {}) {
  const world = new World();
  const id = 'D'.repeat(32) as KmaId;
  world.commit([
    created('kma', id, { name: 'kma-2', createdAt: world.nowMs, number: 2 }),
    set('kma', id, { enabled: 1 }),
  ]);
  const standing: MemberStanding = {
    kmaId: id,
    responding: true,
    responseMs: 12.4,
    clockAheadMs: 0,
    health: { locked: true, load: 3, keyPoolReadyPercent: 79.6, version: '1.2.3' },
    heardAtMs: Date.UTC(2026, 0, 2),
    service: null,
    lagEntries: () => 17,
    ...more,
  };
  return { world, members: () => [standing] };
}

test('of the pool of each KMA it is shown how much of it is in a backup', async () => {
  const { world } = worldOfTwo();
  const life = 'B'.repeat(16) as IncarnationId;
  world.commit([
    madeLife(life, 'D'.repeat(32) as KmaId),
    ...coreSecurityBackup(),
    ...Array.from({ length: 300 }, (_, n) => madeKey(`K${n}`, n + 1, life)),
    ...madeBackup('B', { [life]: 250 }),
    settingFact('keyPoolSize', 1000),
  ]);
  const { rows } = (await world.did(listKmas, {})).output;
  assert.deepEqual(
    rows.map(({ kma, poolBackupPercent }) => [kma, poolBackupPercent]),
    [
      ['kma-1', 0],
      ['kma-2', 25],
    ],
  );
});

test('the list and the page of a KMA show how each fares, this one by its own knowledge', async () => {
  const { world, members } = worldOfTwo();
  world.poolKey();
  const rows = (await world.did(listKmas, {}, { members })).output.rows;
  assert.deepEqual(
    rows.map(({ kma, responding, responseMs, replicationLag, locked, poolReadyPercent, version }) => [
      kma,
      responding,
      responseMs,
      replicationLag,
      locked,
      poolReadyPercent,
      version,
    ]),
    [
      ['kma-1', true, 0, 0, false, 0, ''],
      ['kma-2', true, 12, 17, true, 80, '1.2.3'],
    ],
  );
  assert.match(rows[1]?.lastHeardAt ?? '', /^2026-01-02/);
  assert.deepEqual(
    rows.map(({ respondingOnService }) => respondingOnService),
    ['Responding', ''],
  );
  for (const [service, shown] of [
    ['responding', 'Responding'],
    ['not-responding', 'Not Responding'],
    ['not-accessible', 'Not Accessible'],
  ] as const) {
    const seen = worldOfTwo({ service });
    const { output } = await seen.world.did(showKma, { kma: 'kma-2' }, { members: seen.members });
    assert.equal(output.respondingOnService, shown);
  }
  assert.deepEqual((await world.did(showKma, { kma: 'kma-2' }, { members })).output, rows[1]);
  const locked = await world.did(listKmas, { filter: ['locked=true'] }, { members });
  assert.deepEqual(
    locked.output.rows.map(({ kma }) => kma),
    ['kma-2'],
  );
});

test('a member that was never heard of does not respond, and one that fell silent is shown as last heard', async () => {
  const { world, members } = worldOfTwo({ responding: false });
  const [, silent] = (await world.did(listKmas, {}, { members })).output.rows;
  assert.deepEqual([silent?.responding, silent?.locked, silent?.replicationLag], [false, true, 17]);
  const [, unheard] = (await world.did(listKmas, {})).output.rows;
  assert.deepEqual([unheard?.responding, unheard?.lastHeardAt, unheard?.version], [false, '', '']);
});

test('a member that is left alone is shown as such, also where it was never heard of, with why and until when', async () => {
  const { world, members } = worldOfTwo();
  const alone = { reason: 'two logs of one key', untilMs: Date.UTC(2026, 0, 2, 3, 4, 5) };
  const leftAlone = () => new Map([['D'.repeat(32), alone]]);
  const shown = ['', 'until 2026-01-02T03:04:05.000Z: two logs of one key'];
  for (const heard of [{ members }, {}]) {
    const { rows } = (await world.did(listKmas, {}, { ...heard, leftAlone })).output;
    assert.deepEqual(
      rows.map((row) => row.leftAlone),
      shown,
    );
  }
  assert.equal((await world.did(showKma, { kma: 'kma-2' }, { leftAlone })).output.leftAlone, shown[1]);
  assert.equal((await world.did(showKma, { kma: 'kma-2' }, { members })).output.leftAlone, '');
});

test('the members are measured, each other one by itself', async () => {
  const { world, members } = worldOfTwo();
  const measured = async (options: object) => {
    const { output } = await world.did(showMetrics, {}, options);
    return Object.fromEntries(
      output
        .filter(({ sample }) => /member|replication|cut_off/.test(sample))
        .map(({ sample, labels, value }) => [[sample, ...Object.values(labels)].join(' '), value]),
    );
  };
  assert.deepEqual(await measured({ members }), {
    openkma_members: 2,
    openkma_members_responding: 2,
    openkma_cut_off: 0,
    openkma_replication_lag_entries: 17,
    'openkma_member_responding kma-2': 1,
    'openkma_member_lag_entries kma-2': 17,
    'openkma_member_response_seconds kma-2': 0.0124,
    'openkma_member_key_pool_ready_percent kma-2': 79.6,
  });
  assert.deepEqual(await measured({}), {
    openkma_members: 2,
    openkma_members_responding: 1,
    openkma_cut_off: 1,
    openkma_replication_lag_entries: 0,
    'openkma_member_responding kma-2': 0,
  });
});
