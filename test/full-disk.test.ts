/** A full disk: retrieval goes on, changes are refused, nothing acknowledged is lost, and the KMA goes on by itself when there is space. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRefusal } from '../src/core/refusal.ts';
import { RESERVE_BYTES } from '../src/store/space-reserve.ts';
import { AUDITOR, BACKUP, OFFICER, TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { SmallDisk } from './support/small-disk.ts';
import { inspectStore } from './support/stored-keys.ts';
import { until } from './support/until.ts';

interface Status {
  readonly storeTrouble: readonly string[];
  readonly warnings: readonly string[];
}
const CREATE = { dataUnit: unitOf(''), keyGroupId: '' };
const RETRIEVALS = 300;

test('a full disk', async (t) => {
  const disk = SmallDisk.mount(128);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const kma = await disk.during(() => TestKma.start());
  t.after(() => kma[Symbol.asyncDispose]());
  const agent = await RawAgent.create(kma, 'drive-1');
  const acknowledged = new Map<string, string>();
  const hex = (key: Uint8Array) => Buffer.from(key).toString('hex');
  const create = async () => {
    const { status, response } = await agent.answer('CreateKey', CREATE);
    if ('key' in response) acknowledged.set(response.key.keyId, hex(response.key.key));
    return status;
  };
  const retrieved = async (keyId: string) => {
    const { key } = await agent.call('RetrieveKey', { keyId, keyGroupId: '', dataUnit: unitOf('') });
    return hex(key.key);
  };
  const refusalOf = async (...asked: Parameters<typeof kma.answer>) => {
    const answer = await kma.answer(...asked);
    return isRefusal(answer) ? answer.refused : null;
  };
  const status = () => kma.ask<Status>('ShowStatus', {});
  const reserve = () => statSync(join(kma.data, 'reserve'), { throwIfNoEntry: false })?.size ?? 0;
  const audited = () => {
    const { missing, notAuditedOnce, damage } = inspectStore(kma.data, [...acknowledged.keys()]);
    assert.deepEqual({ missing, notAuditedOnce, damage }, { missing: [], notAuditedOnce: [], damage: [] });
  };
  for (let i = 0; i < 5; i++) await create();
  await until('space is kept aside', () => reserve() === RESERVE_BYTES);

  await t.test('new keys are refused with the fault on which agents go to another KMA', async () => {
    await until('the disk is full', async () => {
      disk.fill();
      return (await create()) === 500;
    });
    assert.equal(await agent.refusal('CreateKey', CREATE), 'Server Error');
  });

  await t.test('every key is retrieved, though whoever fills the disk takes every free byte', async () => {
    for (let i = 0; i < RETRIEVALS; i++) {
      const [keyId, key] = [...acknowledged][i % acknowledged.size] ?? ['', ''];
      assert.equal(await retrieved(keyId), key);
      if (i % 10 === 0) disk.fill();
    }
    assert.ok(reserve() > 0 && reserve() < RESERVE_BYTES, `${reserve()} bytes of the reserve are left`);
  });

  await t.test('changes of people are refused with the code, and the status says why', async () => {
    assert.equal(await refusalOf('CreateSite', { site: 'site-z' }, OFFICER), 'STORE_UNWRITABLE');
    assert.equal(await refusalOf('CreateDatabaseBackup', {}, BACKUP), 'STORE_UNWRITABLE');
    const { storeTrouble, warnings } = await status();
    assert.match(storeTrouble.join(), /full/);
    assert.match(warnings.join(), /the store is in trouble/);
  });

  await t.test(
    'with the reserve used up nothing leaves without its record, and the status still answers',
    async () => {
      await until('the reserve is used up', async () => {
        disk.fill();
        const [keyId = ''] = acknowledged.keys();
        const answer = await agent.answer('RetrieveKey', { keyId, keyGroupId: '', dataUnit: unitOf('') });
        return answer.status === 500;
      });
      assert.equal(reserve(), 0);
      assert.equal(await agent.refusal('DiscoverCluster', {}), 'Server Error');
      assert.equal(await refusalOf('ListUsers', {}, OFFICER), 'STORE_UNWRITABLE');
      assert.match((await status()).storeTrouble.join(), /full/);
    },
  );

  await t.test('a core killed meanwhile is tried again and again, and not given up', async () => {
    const before = kma.kma.pids().get('core') ?? 0;
    process.kill(before, 'SIGKILL');
    await until('it cannot start', () => kma.lines.some((line) => line.includes('the core cannot start')));
  });

  await t.test('when there is space it goes on by itself, and nothing acknowledged is lost', async () => {
    disk.free();
    await until('keys are made again', async () => (await create()) === 200);
    assert.deepEqual((await status()).storeTrouble, []);
    assert.equal(await refusalOf('CreateSite', { site: 'site-z' }, OFFICER), null);
    await until('space is kept aside again', () => reserve() === RESERVE_BYTES);
    for (const [keyId, key] of acknowledged) assert.equal(await retrieved(keyId), key);
    audited();
  });

  await t.test(
    'so it does without a restart, and the audit says how long it could write nothing',
    async () => {
      const core = kma.kma.pids().get('core');
      await until('the disk is full again', async () => {
        disk.fill();
        return (await create()) === 500;
      });
      disk.free();
      await until('keys are made again', async () => (await create()) === 200);
      assert.equal(kma.kma.pids().get('core'), core);
      const events = await kma.rows<{ condition: string; message: string }>(
        'ListAuditEvents',
        { filter: ['operation=NoteTrouble'], limit: 10 },
        AUDITOR,
      );
      assert.equal(events[0]?.condition, 'Store could not be written');
      assert.match(events[0]?.message ?? '', /since=20.* refused=[1-9]/);
      audited();
    },
  );
});
