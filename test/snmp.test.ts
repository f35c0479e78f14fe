/** Alarms and the SNMP agent of a whole KMA, beside Debian's snmptrapd and snmpget: what its people set is what the network sees, locked and unlocked. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { AUDITOR, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { freeUdpPort, Snmptrapd } from './support/snmptrapd.ts';
import { until } from './support/until.ts';

const run = promisify(execFile);
const PASSPHRASE = 'Rings-the-bell-11';
const COMMUNITY = 'far-from-public-12';
const HEALTH = '.1.3.6.1.4.1.42.2.22.99.200';
const ENV = { PATH: [process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter), MIBS: '' };

interface Status {
  readonly locked: boolean;
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
}

function get(port: number, oid: string): Promise<string> {
  const who = [
    '-v3',
    '-l',
    'authPriv',
    '-u',
    'monitor',
    '-a',
    'SHA-256',
    '-A',
    PASSPHRASE,
    '-x',
    'AES',
    '-X',
    PASSPHRASE,
  ];
  return run('snmpget', [...who, '-On', '-t', '3', `127.0.0.1:${port}`, oid], { env: ENV }).then(
    ({ stdout }) => stdout,
  );
}

test('managers of both versions get alarms of the KMA, also while it is locked; of their passphrases nothing is kept', async (t) => {
  const kma = await TestKma.start();
  t.after(() => kma[Symbol.asyncDispose]());
  const secured = await Snmptrapd.start(t, [
    `createUser okm SHA-256 ${PASSPHRASE} AES ${PASSPHRASE}`,
    'authUser log okm priv',
  ]);
  const plain = await Snmptrapd.start(t, [`authCommunity log ${COMMUNITY}`]);
  const place = (port: number) => ({ address: '127.0.0.1', port });
  const v3 = { manager: 'noc', ...place(secured.port), userName: 'okm', passphrase: PASSPHRASE };
  await kma.ask('CreateSnmpManager', v3, OFFICER);
  const v2c = { manager: 'old', ...place(plain.port), protocol: 'v2c', passphrase: COMMUNITY };
  await kma.ask('CreateSnmpManager', v2c, OFFICER);
  const seen = (operation: string) => () =>
    [secured, plain].every(({ received }) => received.some((one) => one[3] === operation));
  await until('both are served', async () => (await stateOf(kma, 'snmp')) === '2 managers');
  await assert.rejects(kma.ask('CreateSite', { site: 'rome' }, AUDITOR));
  await until('a security violation', seen('CreateSite'));
  const violation = secured.received.find((one) => one[3] === 'CreateSite');
  assert.deepEqual(
    [violation?.[2], violation?.[5], violation?.[6]],
    ['Security Violation', 'error', 'auditor'],
  );
  await kma.ask('LockKma', {}, OFFICER);
  await until('the lock', seen('LockKma'));
  await until('it is back, and locked', async () => (await statusOf(kma)).locked);
  await assert.rejects(kma.ask('DeleteSite', { site: 'site-a' }, AUDITOR));
  await until('an error while locked', seen('DeleteSite'));
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  await until('the unlocking', seen('UnlockKma'));
  await kma.ask('DeleteSnmpManager', { manager: 'old' }, OFFICER);
  await until('one is left', async () => (await stateOf(kma, 'snmp')) === '1 manager');
  const dump = JSON.stringify([
    await kma.ask('CreateSystemDump', {}, OFFICER),
    await kma.ask('ListSnmpManagers', {}, AUDITOR),
  ]);
  const stored = Buffer.from(COMMUNITY).toString('base64').slice(0, 20);
  const kept = Buffer.concat([bytesOf(kma.data), Buffer.from(dump)]);
  for (const secret of [PASSPHRASE, COMMUNITY]) assert.equal(kept.includes(secret), false, secret);
  assert.equal(dump.includes(stored), false);
  // The write-ahead log has it until nobody reads there.
  await until('the deleted one is in no file', () => !bytesOf(kma.data).includes(stored), 120_000);
});

test('the SNMP agent is closed, answers its user once it is enabled, and is closed again', async (t) => {
  const snmp = await freeUdpPort();
  const kma = await TestKma.start({ platformPorts: { snmp } });
  t.after(() => kma[Symbol.asyncDispose]());
  await assert.rejects(get(snmp, `${HEALTH}.1.0`), /Timeout/);
  await kma.ask('EnableHmp', { userName: 'monitor', passphrase: PASSPHRASE }, OFFICER);
  await until('it answers', async () => (await stateOf(kma, 'hmp'))?.startsWith('answers on'));
  const unlocked = await until('its health', async () => {
    const text = await get(snmp, `${HEALTH}.3.0`);
    return text.includes('INTEGER: 2') ? text : null;
  });
  assert.match(unlocked, /INTEGER: 2/);
  assert.deepEqual(usersOf(kma.data), [process.getuid?.() === 0 ? 'somebody else' : 'the same']);
  await kma.ask('LockKma', {}, OFFICER);
  await until('it says that it is locked', async () =>
    (await get(snmp, `${HEALTH}.3.0`)).includes('INTEGER: 1'),
  );
  const shown = await kma.ask<Record<string, unknown>>('ShowHmp', {}, AUDITOR);
  assert.deepEqual(
    [shown['enabled'], shown['userName'], shown['authentication']],
    [true, 'monitor', 'SHA-256'],
  );
  assert.equal(bytesOf(kma.data).includes(PASSPHRASE), false);
  await kma.ask('DisableHmp', {}, OFFICER);
  await until('it is closed', async () => (await stateOf(kma, 'hmp')) === 'off');
  // The process that was told to end answers to its last moment.
  const isSilent = () =>
    get(snmp, `${HEALTH}.1.0`).then(
      () => false,
      (error) => /Timeout/.test(String(error)),
    );
  await until('nobody answers', isSilent);
});

const statusOf = (kma: TestKma) => kma.ask<Status>('ShowStatus', {}, OFFICER);

async function stateOf(kma: TestKma, part: string): Promise<string | undefined> {
  const { platform } = await statusOf(kma);
  return platform.find((one) => one.part === part)?.summary;
}

/** As whom the agent of this data directory runs, beside this test. */
function usersOf(data: string): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!command.includes('hmp/main.ts') || !command.includes(data)) return [];
      const [, uid] = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return [Number(uid) === process.getuid?.() ? 'the same' : 'somebody else'];
    } catch {
      // It has ended.
      return [];
    }
  });
}

/** Of all files of the data directory. */
function bytesOf(data: string): Buffer {
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
}
