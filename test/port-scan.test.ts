/** All 65,535 TCP ports and the named UDP ports of a KMA in each condition: what is open is what the table of ports says, what leaves is what it says too, and "kma ports" tells the same. Prints what it found. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { builtPages } from '../src/services/web/built-pages.ts';
import { OFFICER, QUORUM } from './support/kma.ts';
import { ScannedKma } from './support/scanned-kma.ts';
import { until } from './support/until.ts';

const scanned = await ScannedKma.start();
after(() => scanned[Symbol.asyncDispose]());

/** Where its pages are built. */
const WEB = builtPages() === undefined ? [] : ['443/tcp'];
const ALONE = [...WEB, '3331/tcp', '3332/tcp', '3333/tcp', '3334/tcp', '3335/tcp'];
const found: string[][] = [['condition', 'kma ports', 'scan', 'left for']];
after(() => {
  const widths = [0, 1, 2].map((column) => Math.max(...found.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of found)
    console.log(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
});

/** Waits until this KMA has it so, and then looks from outside. `may`: what may leave besides. */
async function holds(
  condition: string,
  open: readonly string[],
  left: readonly string[],
  may: readonly string[] = [],
): Promise<void> {
  await until(
    `kma ports says ${open.join(' ')}`,
    async () => {
      const { listening, wrong } = await scanned.ports();
      if (listening.join() !== open.join()) throw new Error(`${listening.join(' ')}; ${wrong.join('; ')}`);
      return true;
    },
    60_000,
  );
  await until(
    `${left.join(', ') || 'nothing'} left`,
    async () => {
      const places = await scanned.left();
      return left.every((place) => places.includes(place));
    },
    60_000,
  );
  const [scan, ports] = [await scanned.scan(), await scanned.ports()];
  found.push([
    condition,
    ports.listening.join(' '),
    scan.join(' '),
    (await scanned.left()).join(', ') || 'nobody',
  ]);
  assert.deepEqual(scan, open);
  assert.deepEqual(ports, { listening: [...open], wrong: [] });
  assert.deepEqual(
    (await scanned.left()).filter((place) => !may.includes(place)),
    left,
  );
}
/** Until it is not refused: beside other work the platform process, which is asked first, may answer too late. */
const set = (operation: string, input: object) =>
  until(operation, () => scanned.ask(operation, input).then(() => true), 120_000);
const outside = (port: string) => `${scanned.outside} ${port}`;

test('alone, with nothing set: five services, and nothing leaves', async () => {
  await scanned.watch();
  await holds('alone, nothing set', ALONE, []);
});

test('technical support opens 22 while it is enabled, and closes it again', async () => {
  await scanned.watch();
  const password = 'Opens-the-Door-7-Times';
  await set('EnableTechnicalSupport', { password });
  await holds('technical support', ['22/tcp', ...ALONE], []);
  await scanned.ask('DisableTechnicalSupport', {});
  await holds('technical support again disabled', ALONE, []);
});

test('the Hardware Management Pack opens 161/udp while it is enabled', async () => {
  await scanned.watch();
  await scanned.ask('EnableHmp', { userName: 'monitor', passphrase: 'Looks-at-the-Fans-1' });
  await holds('HMP', ['161/udp', ...ALONE], []);
  await scanned.ask('DisableHmp', {});
  await holds('HMP again disabled', ALONE, []);
});

test('an NTP server is asked, and 123/udp serves the time; 123/tcp stays closed', async () => {
  await scanned.serveTime();
  await scanned.watch();
  await set('SetNtpServer', { server: scanned.outside });
  await holds('NTP server', ['123/udp', ...ALONE], [outside('udp 123')]);
  await scanned.ask('SetNtpServer', { server: 'none' });
  await holds('NTP server taken away', ALONE, [outside('udp 123')]);
});

test('names are asked of the DNS servers alone, and only where there are any', async () => {
  await scanned.watch();
  await assert.rejects(scanned.ask('LookUpName', { hostName: 'kma.example.com' }));
  await holds('a look-up without DNS servers', ALONE, []);
  await scanned.ask('SetDns', { servers: [scanned.outside] });
  await assert.rejects(scanned.ask('LookUpName', { hostName: 'kma.example.com' }));
  await holds('a look-up with one', ALONE, [outside('udp 53')]);
  await scanned.ask('SetDns', { servers: [] });
});

test('syslog servers get records at 514 and 6514, each where it is defined', async () => {
  await scanned.watch();
  const address = scanned.outside;
  const server = { server: 'plain', address, transport: 'tcp' };
  await scanned.ask('CreateSyslogServer', server);
  await holds('syslog', ALONE, [outside('tcp 514')]);
  await scanned.ask('DeleteSyslogServer', { server: 'plain' });
  await scanned.watch();
  const { certificatePem: caCertificate } = await scanned.ask<{ certificatePem: string }>('ShowRootCa', {});
  await scanned.ask('CreateSyslogServer', { server: 'sealed', address, caCertificate });
  await holds('syslog with TLS', ALONE, [outside('tcp 6514')]);
  await scanned.ask('DeleteSyslogServer', { server: 'sealed' });
});

test('SNMP managers get alarms, each at its own port, from a locked KMA too, which keeps its ports', async () => {
  await scanned.watch();
  for (const [manager, port] of [
    ['usual', 162],
    ['other', 1162],
  ] as const)
    await scanned.ask('CreateSnmpManager', {
      ...{ manager, address: scanned.outside, port, userName: 'openkma', passphrase: 'Hears-the-Alarms-1' },
    });
  await scanned.ask('LockKma', {});
  await holds('SNMP managers, locked', ALONE, [outside('udp 1162'), outside('udp 162')].sort());
  await scanned.unlock();
  for (const manager of ['usual', 'other']) await scanned.ask('DeleteSnmpManager', { manager });
});

test('another KMA in the cluster opens 3336, and the two are all that it calls', async () => {
  await scanned.watch();
  const entry = { kma: 'kma-2', passphrase: 'Joins-the-others-1', managementAddress: scanned.outside };
  await scanned.ask('CreateKma', entry, OFFICER, QUORUM);
  // Of two KMAs it is chance who calls.
  await holds('clustered', [...ALONE, '3336/tcp'], [], [outside('tcp 3336')]);
});
