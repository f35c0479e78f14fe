/** A full disk under everything that surrounds the key service: keys are retrieved, records still leave, and the process neither ends nor holds up anybody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OFFICER, TestKma } from './support/kma.ts';
import { OddReceiver } from './support/odd-receiver.ts';
import { SmallDisk } from './support/small-disk.ts';
import { until } from './support/until.ts';

interface Status {
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
  readonly warnings: readonly string[];
}

test('on a full disk records leave for a receiver as long as they can be written, and afterwards none of them is missing', async (t) => {
  const disk = SmallDisk.mount(128);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  await using receiver = await OddReceiver.start(OddReceiver.reads);
  const kma = await disk.during(() => TestKma.start());
  t.after(() => kma[Symbol.asyncDispose]());
  using agent = await kma.agent('drive-1');
  const { keyId } = await agent.createKey();
  const place = { address: '127.0.0.1', port: receiver.port, transport: 'tcp' };
  await kma.ask('CreateSyslogServer', { server: 'logs', ...place }, OFFICER);
  const summaries = async () => (await kma.ask<Status>('ShowStatus', {})).platform;
  const pid = () => kma.kma.pids().get('platform');
  await until('syslog is on', async () => (await summaries()).some(({ part }) => part === 'syslog'));
  await until('the server is connected', () => receiver.connections > 0);
  const before = pid();
  await until('the disk is full', async () => {
    disk.fill();
    return kma.ask('CreateSite', { site: 'site-z' }, OFFICER).then(
      () => false,
      () => true,
    );
  });
  receiver.text = '';
  for (let call = 0; call < 20; call++) {
    disk.fill();
    assert.equal((await agent.retrieveKey(keyId)).keyId, keyId);
  }
  const arrived = () => receiver.text.split('RetrieveKey').length - 1;
  await until('the records of the retrievals arrive', () => arrived() >= 20);
  assert.equal(pid(), before, 'it has not ended');
  disk.free();
  await until('changes are taken again', () =>
    kma.ask('CreateSite', { site: 'site-y' }, OFFICER).then(() => true),
  );
  await until('and are told of', () => receiver.text.includes('site-y'));
  assert.equal(pid(), before);
});
