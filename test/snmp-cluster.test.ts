/** SNMP managers are of the cluster: entered at one KMA, every other one sends them its alarms, also one that joins later, and none after they were deleted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestCluster } from './support/cluster.ts';
import { Snmptrapd } from './support/snmptrapd.ts';
import { until } from './support/until.ts';

const PASSPHRASE = 'Rings-the-bell-11';
const OFFSET = 21_700;

interface Status {
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
}

test('a manager entered at one KMA gets the alarms of one that joined afterwards, until it is deleted there', async (t) => {
  await using cluster = new TestCluster(OFFSET);
  const first = await cluster.first('kma-1', '127.0.41.1');
  const receiver = await Snmptrapd.start(t, [
    `createUser okm SHA-256 ${PASSPHRASE} AES ${PASSPHRASE}`,
    'authUser log okm priv',
  ]);
  const noc = { manager: 'noc', address: '127.0.0.1', port: receiver.port, userName: 'okm' };
  await first.ask('CreateSnmpManager', { ...noc, passphrase: PASSPHRASE });
  const second = await cluster.joined(first, 'kma-2', '127.0.41.2');
  await until('the second one serves it', async () => {
    const { platform } = await second.ask<Status>('ShowStatus', {});
    return platform.find(({ part }) => part === 'snmp')?.summary === '1 manager';
  });
  await assert.rejects(second.ask('DeleteSite', { site: 'at-the-second' }));
  await assert.rejects(first.ask('DeleteSite', { site: 'at-the-first' }));
  const got = (site: string) => () => receiver.received.some((one) => one[8]?.includes(site));
  await until('an alarm of the second', got('at-the-second'));
  await until('an alarm of the first', got('at-the-first'));
  await second.ask('DeleteSnmpManager', { manager: 'noc' });
  await until('the first one serves it no more', async () => {
    const { platform } = await first.ask<Status>('ShowStatus', {});
    return platform.find(({ part }) => part === 'snmp')?.summary === 'no managers';
  });
  const kept = first.read((store) =>
    store.database.prepare("SELECT 1 FROM object WHERE kind = 'snmp-secret'").all(),
  );
  assert.deepEqual(kept, [], 'what protected the alarms went with it');
});
