/** "kma ports" and ListPorts of a running KMA: what they say is what the kernel of this machine says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { after, test } from 'node:test';
import { freePort } from './support/free-port.ts';
import { AUDITOR, COMPLIANCE, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { until } from './support/until.ts';

interface Port {
  readonly name: string;
  readonly port: number;
  readonly state: string;
  readonly heldBy: readonly string[];
  readonly targets: readonly string[];
  readonly wrong: string;
}
interface Rule {
  readonly chain: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly protocol: string;
  readonly ports: readonly string[];
}
const SSH_PORT = await freePort();
const kma = await TestKma.start({ fronts: 2, platformPorts: { ssh: SSH_PORT } });
after(() => kma[Symbol.asyncDispose]());
const portsNow = async () => (await kma.ask<{ readonly ports: readonly Port[] }>('ShowPorts', {})).ports;
/** With a manager besides, who is named by hand. */
async function firewallNow(): Promise<readonly Rule[]> {
  const written = ['firewall', '--for', 'kma', '--from-here', '--manager', '192.0.2.66', '--format', 'json'];
  return (await new KmaShell(kma.data, kma.folder).json<{ readonly rules: readonly Rule[] }>(written)).rules;
}
const rowNow = async (name: string) => (await portsNow()).find((row) => row.name === name);

test('each service listens at its own port, held by the processes that the supervisor has', async () => {
  const pids = kma.kma.pids();
  const held = (...names: string[]) => names.map((name) => `${name} (${pids.get(name)})`);
  for (const [service, port] of Object.entries(kma.ports)) {
    const row = await rowNow(service);
    assert.deepEqual([row?.port, row?.state, row?.wrong], [port, 'listening', '']);
    assert.deepEqual(row?.heldBy, held('front 1', 'front 2'));
  }
  const management = await rowNow('management');
  assert.deepEqual([management?.port, management?.heldBy], [kma.managementPort, held('management front')]);
  assert.equal((await rowNow('replication'))?.state, 'closed', 'alone');
});

test('nothing of this KMA listens beside the table, and what is closed says why', async () => {
  const ports = await portsNow();
  assert.deepEqual(
    ports.filter(({ name }) => name.startsWith('unnamed')),
    [],
  );
  const { stdout } = await new KmaShell(kma.data, kma.folder).run('ports');
  assert.match(
    stdout,
    /^\d+\/tcp +Agent service, mutual TLS +both +listening +front 1 \(\d+\), front 2 \(\d+\) +always$/m,
  );
  assert.match(stdout, /^68\/udp +DHCP +both +not managed/m);
  assert.match(
    stdout,
    /^443\/tcp .* closed .* only where the pages of the web Manager are built; 8443 where 443 is taken or may not be bound$/m,
  );
});

test('a DNS server that is set is a target, and nobody is one without', async () => {
  assert.deepEqual((await rowNow('dns'))?.targets, []);
  await kma.ask('SetDns', { servers: ['127.0.0.53'] }, OFFICER);
  const dns = await until('it is one', async () => {
    const row = await rowNow('dns');
    return row?.targets.length === 1 ? row : null;
  });
  assert.deepEqual([dns.state, dns.targets], ['idle', ['127.0.0.53:53']]);
  await kma.ask('SetDns', { servers: [] }, OFFICER);
  await until('it is none any more', async () => (await rowNow('dns'))?.state === 'closed');
});

test('what another program holds is named with that program, in "kma ports" before all else', async (t) => {
  const stranger = createServer().listen(SSH_PORT, '127.0.0.1');
  await once(stranger, 'listening');
  t.after(() => stranger.close());
  const text = await new KmaShell(kma.data, kma.folder).text('ports');
  const program = basename(process.execPath);
  assert.match(
    text,
    new RegExp(
      `^NOT AS SET:\\n  ${SSH_PORT}/tcp SSH: held by ${program} \\(${process.pid}\\), which is none of this KMA's`,
    ),
  );
  const closed = stranger.close();
  await once(closed, 'close');
  assert.equal((await rowNow('ssh'))?.wrong, '');
});

test('everybody with a role reads the list, filtered as others are', async () => {
  for (const user of [AUDITOR, COMPLIANCE]) {
    const rows = await kma.rows<Port>('ListPorts', { filter: ['state=listening'] }, user);
    assert.deepEqual(rows.map(({ name }) => name).sort(), [
      ...['agent', 'ca', 'certificate', 'discovery', 'management'],
    ]);
  }
});

test('the firewall of a KMA is written from what is set there, and whom somebody names besides', async () => {
  const server = { server: 'log', address: '192.0.2.14', port: 1514, transport: 'tcp' };
  await kma.ask('CreateSyslogServer', server, OFFICER);
  await kma.ask('SetDns', { servers: ['192.0.2.53'] }, OFFICER);
  const rules = await until('it has both', async () => {
    const found = await firewallNow();
    return found.filter(({ chain }) => chain === 'output').length > 4 ? found : null;
  });
  const own = rules.filter(({ protocol }) => protocol !== 'icmp');
  const [input] = own.filter(({ chain }) => chain === 'input');
  assert.deepEqual([input?.from, input?.to], [['192.0.2.66'], ['127.0.0.1']]);
  const opened = own
    .filter(({ chain }) => chain === 'output')
    .map(({ from, to, protocol, ports }) => `output ${from} ${to} ${protocol} ${ports}`);
  assert.deepEqual(opened.sort(), [
    'output any 192.0.2.14 tcp 1514',
    'output any 192.0.2.53 tcp 53',
    'output any 192.0.2.53 udp 53',
  ]);
  await kma.ask('DeleteSyslogServer', { server: 'log' }, OFFICER);
  const { status, stderr } = await new KmaShell(kma.data, kma.folder).run('firewall --for agent --from-here');
  assert.deepEqual([status, stderr.includes('--from-here goes with --for kma')], [2, true]);
});

test('3336 is said to be as it should from the moment it opens, and after the only other KMA was removed, which asks there', async () => {
  const entry = { kma: 'kma-2', passphrase: 'Joins-the-others-1', managementAddress: '127.0.0.77' };
  await kma.ask('CreateKma', entry, OFFICER, QUORUM);
  const opens = () =>
    until('3336 listens', async () => {
      const row = await rowNow('replication');
      return row?.state === 'listening' ? row : null;
    });
  assert.equal((await opens()).wrong, '');
  assert.deepEqual((await rowNow('member-replication'))?.targets.length, 1);
  const open = async () =>
    (await firewallNow()).filter(({ from, to }) => [...from, ...to].includes(entry.managementAddress));
  const chains = new Set((await open()).map(({ chain }) => chain));
  assert.deepEqual([...chains].sort(), ['input', 'output']);
  await kma.ask('DeleteKma', { kma: 'kma-2', as: 'retired' }, OFFICER);
  assert.deepEqual((await rowNow('member-replication'))?.targets, []);
  assert.equal((await opens()).wrong, '');
  // It listens, but the firewall opens nothing for who is no member any more.
  assert.deepEqual(await open(), []);
  await kma.stop();
  await kma.resume();
  assert.equal((await opens()).wrong, '');
});

test('without the platform process the rows are there; it is back with the next question', async () => {
  const pid = kma.kma.pids().get('platform') ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('it is back', async () => {
    const rows = await portsNow();
    assert.ok(rows.length > 20);
    return rows.some(({ state }) => state === 'listening') && kma.kma.pids().get('platform') !== pid;
  });
});
