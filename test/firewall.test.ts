/** "kma firewall" as an administrator uses it, and what it writes before the firewalls it is for: nft, iptables-restore and firewalld themselves judge it. Nothing is loaded outside of a namespace. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { firewalldText } from '../src/firewall/firewalld.ts';
import { iptablesText } from '../src/firewall/iptables.ts';
import { nftablesText } from '../src/firewall/nftables.ts';
import { rulesetOf } from '../src/firewall/ruleset.ts';
import { setting } from '../src/firewall/setting.fixture.ts';
import { SIDES } from '../src/firewall/setting.ts';
import { commandFed, kmaCommand } from './support/kma-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-firewall-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** In a network namespace of its own, so that nothing of the machine changes. */
async function judged(input: string, ...command: string[]): Promise<string> {
  const { status, stdout, stderr } = await commandFed(input, {}, 'unshare', '--net', ...command);
  assert.equal(
    status,
    0,
    `${command.join(' ')} (the packages nftables, iptables and firewalld): ${stderr}\n${input}`,
  );
  return stdout;
}
const PARTIES = [
  ...[
    '--kma',
    '192.0.2.10',
    '--kma',
    '2001:db8::10',
    '--agent',
    '198.51.100.0/24',
    '--agent',
    '2001:db8:5::/64',
  ],
  ...['--manager', '192.0.2.64/26', '--support', '192.0.2.9', '--hmp', '192.0.2.8', '--dns', '192.0.2.53'],
  ...['--ntp', '2001:db8::123', '--syslog', '192.0.2.14:1514', '--syslog-tls', '[2001:db8::14]:6514'],
  ...['--snmp', '192.0.2.16', '--service-processor', '192.0.2.20', '--dhcp'],
];
const written = async (...options: string[]) => {
  const { status, stdout, stderr } = await kmaCommand('firewall', ...options);
  assert.equal(status, 0, stderr);
  return stdout;
};
const DRAWN = fc.sample(setting, { seed: 7, numRuns: 20 }).map(rulesetOf);

test('nft takes the rules of every side, and loads them twice over', async () => {
  for (const side of SIDES) {
    const rules = await written('--for', side, ...PARTIES);
    const listed = await judged(rules.repeat(2), 'sh', '-c', 'nft -f - && nft list ruleset');
    assert.equal(listed.match(/^table inet openkma/gm)?.length, 1);
    assert.equal(listed.match(/policy drop/g)?.length, side === 'edge' ? 1 : 3);
    assert.match(listed, /counter packets 0 bytes 0 accept comment/);
  }
});

test('iptables-restore and ip6tables-restore take the rules of every side', async () => {
  for (const side of SIDES) {
    const script = await written('--for', side, ...PARTIES, '--format', 'iptables');
    await judged(script, 'sh', '-s', '--', '--test');
    const listed = await judged(script, 'sh', '-c', 'sh -s && iptables -S && ip6tables -S');
    assert.equal(listed.match(/^-P \w+ DROP$/gm)?.length, side === 'edge' ? 2 : 6);
  }
});

test('firewalld takes the policies of every side', async () => {
  for (const side of SIDES) {
    const script = await written('--for', side, ...PARTIES, '--format', 'firewalld');
    assert.match(await policies(side, script), /icmp-type name="packet-too-big" accept/);
  }
});

/** What firewalld lists of the first policy, when all of them have passed its own check. */
async function policies(name: string, script: string): Promise<string> {
  const configuration = join(folder, name);
  mkdirSync(configuration);
  writeFileSync(join(configuration, 'firewalld.conf'), 'DefaultZone=public\n');
  const { status } = await commandFed(script, { FIREWALLD_CONFIGURATION: configuration }, 'sh');
  assert.equal(status, 0);
  const offline = ['firewall-offline-cmd', '--system-config', configuration];
  await judged('', ...offline, '--check-config');
  const policy = script.includes('openkma-input') ? 'openkma-input' : 'openkma-forward';
  return judged('', ...offline, `--policy=${policy}`, '--list-all');
}

const BUS = `<busconfig><type>system</type><listen>unix:path=PATH</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`;
/** Says what nft has once firewalld has written its rules, and ends both daemons. */
const LOAD = `dbus-daemon --config-file="$1/bus.conf" --nofork --nopidfile & bus=$!
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$1/bus"
until [ -S "$1/bus" ]; do sleep 0.1; done
firewalld --nofork --nopid --system-config "$1" --log-file "$1/log" & firewalld=$!
for turn in $(seq 600); do
  nft list ruleset 2>/dev/null | grep -q filter_OUT_policy_openkma-output_allow && break
  sleep 0.1
done
nft list table inet firewalld
kill $firewalld $bus`;

test('firewalld itself loads the policies, before every zone', async () => {
  const script = await written('--for', 'kma', '--agent', '198.51.100.0/24', '--format', 'firewalld');
  await policies('loaded', script);
  const configuration = join(folder, 'loaded');
  writeFileSync(join(configuration, 'bus.conf'), BUS.replace('PATH', join(configuration, 'bus')));
  const listed = await judged('', 'sh', '-c', LOAD, 'sh', configuration);
  assert.match(listed, /ip saddr 198\.51\.100\.0\/24 tcp dport 3334 accept/);
  assert.doesNotMatch(listed, /dport 3333/);
  for (const [hook, policy] of [
    ['IN', 'input'],
    ['OUT', 'output'],
    ['FWD', 'forward'],
  ])
    assert.match(listed, new RegExp(`chain filter_${hook}_policy_openkma-${policy} \\{[^}]*\\bdrop\\b`));
});

test('nft and iptables-restore take the rules of settings that nobody thought of', async () => {
  for (const ruleset of DRAWN) {
    await judged(nftablesText(ruleset), 'nft', '-c', '-f', '-');
    await judged(iptablesText(ruleset), 'sh', '-s', '--', '--test');
  }
  for (const [index, ruleset] of DRAWN.slice(0, 3).entries())
    await policies(`drawn-${index}`, firewalldText(ruleset));
});

test('rules are written without a data directory, as a table and as JSON too', async () => {
  const agent = ['--for', 'agent', '--kma', '192.0.2.10'];
  const table = await written(...agent, '--format', 'table');
  assert.match(table, /^CHAIN +FAMILY +FROM +TO +PROTOCOL +PORTS +ACTION/);
  assert.match(table, /output +IPv4 +any +192\.0\.2\.10 +tcp +3331, 3332, 3334, 3335 +accept/);
  const document = JSON.parse(await written(...agent, '--format', 'json'));
  assert.deepEqual([document.for, document.drops], ['agent', ['input', 'output', 'forward']]);
  assert.deepEqual(document.rules.at(-1).ports, ['3331', '3332', '3334', '3335']);
});

test('a name, hosts of a network, a port of nobody and a missing side are refused as usage, with the code', async () => {
  for (const [options, code, detail] of [
    [['--kma', 'kma.example'], 'FIREWALL_ADDRESS_UNUSABLE', 'neither an IPv4 nor an IPv6 address'],
    [['--kma', '192.0.2.7/24'], 'FIREWALL_ADDRESS_UNUSABLE', 'or the network 192.0.2.0/24'],
    [['--kma', '192.0.2.7:3334'], 'FIREWALL_ADDRESS_UNUSABLE', 'neither an IPv4 nor an IPv6 address'],
    [['--kma', '192.0.2.7', '--syslog', '192.0.2.1:70000'], 'FIREWALL_ADDRESS_UNUSABLE', 'a port is'],
    [['--snmp', '192.0.2.1'], 'FIREWALL_PARTY_MISSING', 'KMAs'],
  ] as const) {
    const { status, stdout, stderr } = await kmaCommand('firewall', '--for', 'agent', ...options);
    assert.deepEqual([status, stdout], [2, '']);
    assert.ok(stderr.includes(code) && stderr.includes(detail), stderr);
  }
});
