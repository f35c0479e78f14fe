/** A store that cannot be written for another reason than space: a file system that fails or takes no writes. Nothing is lost, nobody gets an unrecorded key, and it mends itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRefusal } from '../src/core/refusal.ts';
import { OpenKmaError } from '../src/errors.ts';
import { OFFICER, TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { SmallDisk } from './support/small-disk.ts';
import { inspectStore } from './support/stored-keys.ts';
import { until } from './support/until.ts';

const CREATE = { dataUnit: unitOf(''), keyGroupId: '' };

/** So that every write beyond fails, as on a broken disk; false where that is not allowed. */
const limitFiles = (pid: number, bytes: number | 'unlimited') =>
  spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]).status === 0;

test('writes that fail while it runs', async (t) => {
  const kma = await TestKma.start();
  t.after(() => kma[Symbol.asyncDispose]());
  const agent = await RawAgent.create(kma, 'drive-1');
  const keys = [await agent.createKey(), await agent.createKey()];
  const core = kma.kma.pids().get('core') ?? 0;
  if (!limitFiles(core, 'unlimited')) return t.skip('prlimit is not there, or not allowed');

  limitFiles(core, statSync(join(kma.data, 'kma.db-wal')).size);
  const [first] = keys;
  assert.ok(first !== undefined);
  const RETRIEVE = { keyId: first.keyId, keyGroupId: '', dataUnit: unitOf('') };
  await until('no record can be written', async () => {
    const { status } = await agent.answer('RetrieveKey', RETRIEVE);
    return status === 500;
  });
  assert.equal(await agent.refusal('RetrieveKey', RETRIEVE), 'Server Error');
  assert.equal(await agent.refusal('CreateKey', CREATE), 'Server Error');
  const answer = await kma.answer('CreateSite', { site: 'site-z' }, OFFICER);
  assert.ok(isRefusal(answer) && answer.refused === 'STORE_UNWRITABLE');
  const { storeTrouble } = await kma.ask<{ storeTrouble: string[] }>('ShowStatus', {});
  assert.equal(storeTrouble.length, 1);
  assert.equal(kma.kma.pids().get('core'), core, 'the signal of a file that is too large ends no core');

  limitFiles(core, 'unlimited');
  const after = await until('keys are made again', async () => {
    const { response } = await agent.answer('CreateKey', CREATE);
    return 'key' in response && response.key;
  });
  const ids = [...keys, after].map(({ keyId }) => keyId);
  const { missing, notAuditedOnce, damage } = inspectStore(kma.data, ids);
  assert.deepEqual({ missing, notAuditedOnce, damage }, { missing: [], notAuditedOnce: [], damage: [] });
  assert.equal(kma.kma.pids().get('core'), core);
});

test('a file system that takes no writes: it does not start, with the code, and then serves as before', async (t) => {
  const disk = SmallDisk.mount(128);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const kma = await disk.during(() => TestKma.start({ bare: true }));
  t.after(() => kma[Symbol.asyncDispose]());
  await kma.stop();
  disk.writable(false);
  await assert.rejects(
    kma.resume(),
    (error) => error instanceof OpenKmaError && error.code === 'STORE_UNWRITABLE',
  );
  disk.writable(true);
  await kma.resume();
  assert.equal(kma.kma.locked(), false);
});
